import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { SignedEpoch, commitOf, decisionDraft, honestDecision } from '@evenkeel/testkit';
import { required, sameBytes, sha256, toHex } from '@evenkeel/kernel';
import { decodeCommit, encodeCommit, sealCommit } from './commit-codec';
import { CommitSchema } from './generated/evenkeel/journal/v1/journal_pb';
import { keyIdOf, splitSignature } from './signature-field';

const FIELD_BYTES = 87;
const { bytes, commit, hash } = honestDecision(new SignedEpoch('7'));
const unsigned = sealCommit(commitOf(decisionDraft('b', 'd', '2026-01-01T00:00:00Z')));
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const refused = (what: Uint8Array): void =>
  expect(() => decodeCommit(what)).toThrow(expect.objectContaining({ code: 'CONTRACTS.UNDECODABLE' }));

describe('the signature of an envelope', () => {
  it('has golden bytes: key, envelope and signature come out the same on every machine', () => {
    expect(toHex(sha256(bytes))).toBe('4787664498e8206ef43d639b0d7aa9f0b8880e610292fc2bb5a98791da302407');
    expect(toHex(hash)).toBe(toHex(sha256(bytes)));
    expect(bytes.length).toBe(splitSignature(bytes).body.length + FIELD_BYTES);
  });

  it('is the last field of the Protobuf message, written as any other library writes it', () => {
    const message = fromBinary(CommitSchema, bytes);
    expect(toHex(message.signature?.value ?? new Uint8Array())).toBe(
      toHex(required(commit.signature, 'it').value),
    );
    expect(sameBytes(toBinary(CommitSchema, message), bytes)).toBe(true);
  });

  it('is read back, and written again, byte for byte', () => {
    expect(decodeCommit(bytes)).toEqual(commit);
    expect(sameBytes(encodeCommit(decodeCommit(bytes)), bytes)).toBe(true);
    // Off a socket or out of a database the bytes are a view into a larger buffer.
    const view = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    expect(decodeCommit(view)).toEqual(commit);
  });

  it('is absent where nobody signed', () => {
    expect(splitSignature(unsigned.bytes)).toEqual({ body: unsigned.bytes });
    expect(decodeCommit(unsigned.bytes)).not.toHaveProperty('signature');
  });

  it('is refused twice, in the middle, with bytes behind it, and in any other encoding', () => {
    const { body } = splitSignature(bytes);
    const field = bytes.subarray(body.length);
    refused(joined(bytes, field));
    refused(joined(field, body));
    refused(joined(bytes, Uint8Array.of(0x98, 0x01, 0x01)));
    refused(joined(body, field.subarray(0, 2), Uint8Array.of(0xd4, 0x00), field.subarray(3)));
    refused(joined(body, field.subarray(0, 3), field.subarray(21), field.subarray(3, 21)));
    for (let length = body.length + 1; length < bytes.length; length += 1) refused(bytes.subarray(0, length));
  });

  it('names a key by what it is', () => {
    expect(toHex(keyIdOf(new Uint8Array(32)))).toBe(toHex(sha256(new Uint8Array(32)).subarray(0, 16)));
  });
});
