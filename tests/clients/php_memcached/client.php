<?php
// php-memcached: see tests/clients/test_real_clients.py for what every client does.
declare(strict_types=1);

if (!in_array($argc, [3, 5], true)) {
    fwrite(STDERR, "usage: client.php PORT text|binary [USER PASSWORD]\n");
    exit(64);
}

$client = new Memcached();
$client->setOption(Memcached::OPT_COMPRESSION, false);
$client->setOption(Memcached::OPT_BINARY_PROTOCOL, $argv[2] === 'binary');
if ($argc === 5) {
    $client->setSaslAuthData($argv[3], $argv[4]);
}
$client->addServer('127.0.0.1', (int) $argv[1]);

function expect(mixed $found, mixed $wanted, string $what): void
{
    global $client;
    if ($found !== $wanted) {
        fwrite(STDERR, "php-memcached: $what: " . $client->getResultMessage() . "\n");
        exit(1);
    }
}

expect($client->get('greeting'), false, 'a miss');
expect($client->getResultCode(), Memcached::RES_NOTFOUND, 'the code of a miss');
expect($client->set('greeting', 'hello'), true, 'set');
expect($client->get('greeting'), 'hello', 'get');
echo "set Memcached::set\n";
echo "get Memcached::get\n";

expect($client->delete('greeting'), true, 'delete');
expect($client->delete('greeting'), false, 'delete of nothing');
expect($client->get('greeting'), false, 'get of what was deleted');
echo "delete Memcached::delete\n";

expect($client->set('counter', 10), true, 'set');
expect($client->increment('counter', 5), 15, 'increment');
expect($client->decrement('counter', 20), 0, 'decrement');
echo "incr Memcached::increment Memcached::decrement\n";

expect($client->set('cas', '1'), true, 'set');
$found = $client->get('cas', null, Memcached::GET_EXTENDED);
expect($found['value'], '1', 'get with its CAS');
expect($client->cas($found['cas'], 'cas', '2'), true, 'cas');
expect($client->cas($found['cas'], 'cas', '3'), false, 'a stale cas');
expect($client->getResultCode(), Memcached::RES_DATA_EXISTS, 'the code of a stale cas');
expect($client->get('cas'), '2', 'get after cas');
echo "cas Memcached::get(GET_EXTENDED) Memcached::cas\n";

$many = [];
for ($number = 0; $number < 100; ++$number) {
    $many["many-$number"] = "value-$number";
}
expect($client->setMulti($many), true, 'setMulti');
$keys = [...array_keys($many), 'many-missing'];
expect($client->getMulti($keys, Memcached::GET_PRESERVE_ORDER), [...$many, 'many-missing' => null], 'getMulti');
echo "multi-get Memcached::setMulti Memcached::getMulti\n";

$bytes = [];
for ($number = 0; $number < 1000000; ++$number) {
    $bytes[] = chr(intdiv($number * $number, 251) % 256);
}
$megabyte = implode('', $bytes);
expect($client->set('megabyte', $megabyte), true, 'set of a megabyte');
expect($client->get('megabyte'), $megabyte, 'get of a megabyte');
echo "megabyte Memcached::set Memcached::get\n";

$any_bytes = implode('', array_map('chr', range(0, 255))) . "\r\nEND\r\n";
expect($client->set('binary', $any_bytes), true, 'set of any bytes');
expect($client->get('binary'), $any_bytes, 'get of any bytes');
echo "binary Memcached::set Memcached::get\n";
$client->quit();
