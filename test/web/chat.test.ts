import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';
import { pageText } from '../support/page-text.js';
import { startChatServer, type ChatServer } from '../support/chat-server.js';

const PAGE = '/settings/chat';
const UNIT = '11';

let city: City;
let chat: ChatServer;
let hr: Caller;
beforeAll(async () => {
  chat = await startChatServer();
  city = await startCity({ CHAT_WEBHOOK_HOSTS: `hooks.example.jp,${chat.host}` });
  hr = await city.caller('hr');
});
afterAll(async () => {
  await city?.close();
  await chat?.close();
});

const text = async (caller = hr) => pageText((await caller.get(PAGE)).text);

describe('the page of the chat rooms', () => {
  test('says what they are for, and where they may be', async () => {
    const page = await text();
    expect(page).toContain('登録した所属はありません。');
    expect(page).toContain(`送ってよいホスト: hooks.example.jp、${chat.host}`);
  });

  test('registers one, tries it out and takes it back, without ever showing its address', async () => {
    const url = chat.urlOf(UNIT);
    expect(await hr.post(PAGE, { unit: ` ${UNIT} `, format: 'text', url })).toMatchObject({ status: 303 });
    expect(await text()).toContain(`テキスト(Slackと同じ形) ${chat.host}`);
    expect((await hr.get(PAGE)).text).not.toContain('s3cr3t');
    const tested = await hr.post(`${PAGE}/test`, { unit: UNIT });
    expect(tested.status).toBe(303);
    expect(pageText((await hr.get(String(tested.headers.location))).text)).toContain('試し送りをしました');
    expect(chat.received[0]!.json.text).toContain('【試し送り】');
    chat.answer = () => ({ status: 404, body: 'no_service' });
    const failed = await hr.post(`${PAGE}/test`, { unit: UNIT });
    expect(failed.status).toBe(503);
    expect(pageText(failed.text)).toMatch(/試し送りは届いていません [^。]*HTTP 404 no_service/);
    // Still on the page of the chat rooms.
    expect(pageText(failed.text)).toContain(`テキスト(Slackと同じ形) ${chat.host}`);
    expect(await hr.post(`${PAGE}/remove`, { unit: UNIT })).toMatchObject({ status: 303 });
    expect(await text()).toContain('登録した所属はありません。');
    expect(await hr.post(`${PAGE}/remove`, { unit: UNIT })).toMatchObject({ status: 404 });
  });

  test('says in a sentence why it takes an address not', async () => {
    const refused = await hr.post(PAGE, { unit: UNIT, format: 'text', url: 'https://10.0.0.1/s3cr3t' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('このホストへの送信は許可されていません');
    expect(refused.text).not.toContain('s3cr3t');
    expect(refused.text).toContain(`name="unit" value="${UNIT}"`);
    expect((await hr.post(PAGE, { unit: UNIT, format: 'fax', url: chat.urlOf(UNIT) })).status).toBe(400);
    expect((await hr.post(PAGE, { unit: 'none', format: 'text', url: chat.urlOf('none') })).status).toBe(404);
  });

  test('is how the policies are switched to it, where they speak to a unit about itself', async () => {
    const channel = (name: string) => hr.post(`/settings/policies/${name}/channel`, { channel: 'chat' });
    expect(await channel('thanks')).toMatchObject({ status: 303 });
    expect(await channel('escalation')).toMatchObject({ status: 422 });
    const policies = pageText((await hr.get('/settings/policies')).text);
    expect(policies).toContain('届け方 所属のチャット(チャットの登録がない所属にはメール)');
    expect(policies).toContain('「全員保有のお礼」の届け方を所属のチャットにする');
    const { json } = await hr.get('/api/v1/policies');
    expect(json.policies).toContainEqual(
      expect.objectContaining({ name: 'thanks', channel: 'chat', mayChat: true }),
    );
  });
});
