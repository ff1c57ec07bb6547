// memjs: see tests/clients/test_real_clients.py for what every client does.
'use strict';

const memjs = require('memjs');
const { anyBytes, expect, many, megabyte, run } = require('./checks');

const [port, , username, password] = process.argv.slice(2);

async function value(client, key) {
  const found = (await client.get(key)).value;
  return found === null ? null : found.toString();
}

run(async () => {
  const client = memjs.Client.create(`127.0.0.1:${port}`,
    { username, password, timeout: 10, retries: 0 });

  expect(await value(client, 'greeting'), null, 'a miss');
  expect(await client.set('greeting', 'hello', {}), true, 'set');
  expect(await value(client, 'greeting'), 'hello', 'get');
  console.log('set Client.set');
  console.log('get Client.get');

  expect(await client.delete('greeting'), true, 'delete');
  expect(await client.delete('greeting'), false, 'delete of nothing');
  expect(await value(client, 'greeting'), null, 'get of what was deleted');
  console.log('delete Client.delete');

  expect((await client.increment('counter', 5, { initial: 10 })).value, 10, 'increment');
  expect((await client.increment('counter', 5, {})).value, 15, 'increment');
  expect((await client.decrement('counter', 20, {})).value, 0, 'decrement');
  console.log('incr Client.increment Client.decrement');

  // memjs has no call for either; single gets, all on their way at once, are what it offers.
  await Promise.all(Object.entries(many).map(([key, text]) => client.set(key, text, {})));
  const found = await Promise.all([...Object.keys(many), 'many-missing']
    .map((key) => value(client, key)));
  expect(found, [...Object.values(many), null], 'gets at once');
  console.log('concurrent Client.get');

  expect(await client.set('megabyte', megabyte, {}), true, 'set of a megabyte');
  expect((await client.get('megabyte')).value, megabyte, 'get of a megabyte');
  console.log('megabyte Client.set Client.get');

  expect(await client.set('binary', anyBytes, {}), true, 'set of any bytes');
  expect((await client.get('binary')).value, anyBytes, 'get of any bytes');
  console.log('binary Client.set Client.get');
  client.quit();
});
