import { isLoopback } from './loopback';

describe('isLoopback', () => {
  it.each([
    ['ws://127.0.0.1:80/', true],
    ['http://localhost', true],
    ['nats://[::1]:4222', true],
    ['postgres://u:p@127.0.0.1:5432/db?x=1', true],
    ['http://127.0.0.1.example/', false],
    ['http://127.0.0.1@example/', false],
    ['http://u@127.0.0.1:1@example/', false],
    ['http://localhost.example', false],
    ['http://10.0.0.1', false],
    ['wss://[::2]/', false],
    ['127.0.0.1', false],
  ])('%s: %s', (url, expected) => expect(isLoopback(url)).toBe(expected));
});
