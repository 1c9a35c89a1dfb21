import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { Credentials } from '@evenkeel/venue-wire';
import { binanceSignature, signedCall } from './signing';

/** Of Binance's documentation (futures, general information, and spot, request security); not keys of anybody. */
const FUTURES = '2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9';
const SPOT = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const ORDER = 'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC';

describe('a signature for Binance', () => {
  it.each([
    [
      'futures',
      FUTURES,
      `${ORDER}&recvWindow=5000&timestamp=1591702613943`,
      '3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9',
    ],
    [
      'spot',
      SPOT,
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
      'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
    ],
  ])('by HMAC agrees with the example in the documentation of %s', (_, secret, payload, expected) => {
    expect(binanceSignature(new Credentials('key', secret), payload)).toBe(expected);
  });

  it('of a call is of exactly what is sent, and stands last', () => {
    const call = { method: 'POST', path: '/fapi/v1/order', query: ORDER } as const;
    const sent = signedCall(new Credentials('key', FUTURES), call, 1591702613943, 5000);
    expect(sent.query).toBe(
      `${ORDER}&recvWindow=5000&timestamp=1591702613943&signature=` +
        '3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9',
    );
  });

  it('by Ed25519 agrees with RFC 8032, test 1', () => {
    const pkcs8 = Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
    ]);
    const pem = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----`;
    const signature = binanceSignature(new Credentials('key', pem), '');
    expect(Buffer.from(signature, 'base64').toString('hex')).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b' +
        'd25bf5f0595bbe24655141438e7a100b',
    );
  });

  it('by Ed25519 is base64 and percent-encoded in the call', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const call = { method: 'GET', path: '/fapi/v1/order', query: 'symbol=BTCUSDT' } as const;
    const query = signedCall(new Credentials('key', pem), call, 1, 5000).query ?? '';
    const [payload = '', signature = ''] = query.split('&signature=');
    const given = Buffer.from(decodeURIComponent(signature), 'base64');
    expect(
      verify(
        null,
        Buffer.from(payload),
        createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
        given,
      ),
    ).toBe(true);
    expect(signature).not.toMatch(/[+/=]/);
  });
});
