import { expect } from '@jest/globals';
import type { Answer } from './api-city.js';

/** RFC 9457 with a stable code; nothing but what the contract names and details that a test knows. */
export function expectProblem(answer: Answer, status: number, code?: string): void {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.json).toMatchObject({
    type: 'about:blank',
    title: expect.stringMatching(/[ぁ-ん]/),
    status,
    detail: expect.stringMatching(/[ぁ-ん]/),
    code: code ?? expect.stringMatching(/^[a-z_]+$/),
    reference: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(answer.status).toBe(status);
}
