import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What it does with a post: answers with a status and a body, takes its time, or says nothing and cuts. */
export interface ChatAnswer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly delayMs?: number;
  readonly cut?: 'before-answer' | 'within-answer';
}

export interface ChatServer {
  /** `127.0.0.1:41234` */
  readonly host: string;
  readonly received: { readonly path: string; readonly json: Record<string, unknown> }[];
  /** What comes next, by path; everything is taken unless said. */
  answer: (path: string, count: number) => ChatAnswer;
  urlOf(unitCode: string): string;
  close(): Promise<void>;
}

/** A chat service on this machine, for what a real one does and does not do. */
export async function startChatServer(): Promise<ChatServer> {
  const chat: { answer: ChatServer['answer']; received: ChatServer['received'] } = {
    answer: () => ({}),
    received: [],
  };
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url!;
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    void take(request, response, chat.answer(path, count), (json) => chat.received.push({ path, json }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(chat, {
    host,
    urlOf: (unitCode: string) => `http://${host}/hooks/${unitCode}/s3cr3t-token`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  { status = 200, body = 'ok', headers = {}, delayMs = 0, cut }: ChatAnswer,
  took: (json: Record<string, unknown>) => void,
): Promise<void> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  if (status < 300) took(JSON.parse(text) as Record<string, unknown>);
  await wait(delayMs);
  if (cut === 'before-answer') return void request.socket.destroy();
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
  if (cut === 'within-answer') return void response.write(body.slice(0, 1), () => request.socket.destroy());
  response.end(body);
}
