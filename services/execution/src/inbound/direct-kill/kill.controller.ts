import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { DirectKill, ORDER_BYTES_MAX } from './direct-kill';

const BODY_PATIENCE_MS = 5_000;

/** `POST /kill`: a signed order to stop, as plain text. */
@Controller('kill')
export class KillController {
  constructor(@Inject(DirectKill) private readonly kill: DirectKill) {}

  @Post()
  async take(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    if (typeof text === 'number') {
      const message =
        text === 413 ? `more than ${ORDER_BYTES_MAX} bytes` : 'a signed order as text/plain is wanted';
      return answer(response, text, { stopped: false, message });
    }
    const { status, body } = await this.kill.take(request.socket.remoteAddress ?? '', text);
    answer(response, status, body);
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  // Whoever says too much is not listened to any longer.
  const headers = { 'content-type': 'application/json', ...(status === 413 ? { connection: 'close' } : {}) };
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);
}

/** The text, or the status to refuse it with. */
async function bodyOf(request: IncomingMessage): Promise<string | 408 | 413 | 415> {
  if (!/^text\/plain\b/i.test(request.headers['content-type'] ?? '')) return 415;
  const late = setTimeout(() => request.destroy(), BODY_PATIENCE_MS);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // The answer still has to get out when too much has come in.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > ORDER_BYTES_MAX) return 413;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return 408; // cut off
  } finally {
    clearTimeout(late);
  }
}
