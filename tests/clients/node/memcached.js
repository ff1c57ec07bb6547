// memcached (npm): see tests/clients/test_real_clients.py for what every client does.
'use strict';

const { promisify } = require('util');
const Memcached = require('memcached');
const { anyBytes, expect, many, megabyte, run } = require('./checks');

const [port] = process.argv.slice(2);

run(async () => {
  const client = new Memcached(`127.0.0.1:${port}`, { timeout: 10000, retries: 0 });
  const call = (name) => promisify(client[name]).bind(client);
  const [get, gets, set, del] = ['get', 'gets', 'set', 'del'].map(call);
  const [incr, decr, cas, getMulti] = ['incr', 'decr', 'cas', 'getMulti'].map(call);

  expect(await get('greeting'), undefined, 'a miss');
  expect(await set('greeting', 'hello', 0), true, 'set');
  expect(await get('greeting'), 'hello', 'get');
  console.log('set Memcached.set');
  console.log('get Memcached.get');

  expect(await del('greeting'), true, 'del');
  expect(await del('greeting'), false, 'del of nothing');
  expect(await get('greeting'), undefined, 'get of what was deleted');
  console.log('delete Memcached.del');

  expect(await set('counter', 10, 0), true, 'set of a number');
  expect(await incr('counter', 5), 15, 'incr');
  expect(await decr('counter', 20), 0, 'decr');
  console.log('incr Memcached.incr Memcached.decr');

  expect(await set('cas', '1', 0), true, 'set');
  const found = await gets('cas');
  expect(found.cas.length > 0 && found.cas !== '0', true, 'a CAS number');
  expect(await cas('cas', '2', found.cas, 0), true, 'cas');
  expect(await cas('cas', '3', found.cas, 0), false, 'a stale cas');
  expect(await get('cas'), '2', 'get after cas');
  console.log('cas Memcached.gets Memcached.cas');

  for (const [key, text] of Object.entries(many)) {
    expect(await set(key, text, 0), true, `set of ${key}`);
  }
  expect({ ...await getMulti([...Object.keys(many), 'many-missing']) }, many, 'getMulti');
  console.log('multi-get Memcached.getMulti');

  expect(await set('megabyte', megabyte, 0), true, 'set of a megabyte');
  expect(await get('megabyte'), megabyte, 'get of a megabyte');
  console.log('megabyte Memcached.set Memcached.get');

  expect(await set('binary', anyBytes, 0), true, 'set of any bytes');
  expect(await get('binary'), anyBytes, 'get of any bytes');
  console.log('binary Memcached.set Memcached.get');
  client.end();
});
