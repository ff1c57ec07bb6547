#!/usr/bin/perl
# Cache::Memcached::Fast: see tests/clients/test_real_clients.py for what every client does.
use strict;
use warnings;

use Cache::Memcached::Fast;

die "usage: $0 PORT text\n" if @ARGV != 2;
my ($port) = @ARGV;
my $client = Cache::Memcached::Fast->new({
    servers => ["127.0.0.1:$port"],
    connect_timeout => 10,
    io_timeout => 10,
    compress_threshold => -1,
});

sub expect {
    my ($found, $wanted, $what) = @_;
    my $same = defined $found ? defined $wanted && $found eq $wanted : !defined $wanted;
    die "Cache::Memcached::Fast: $what\n" unless $same;
}

expect(scalar $client->get('greeting'), undef, 'a miss');
expect(scalar $client->set('greeting', 'hello'), 1, 'set');
expect(scalar $client->get('greeting'), 'hello', 'get');
print "set Cache::Memcached::Fast->set\n";
print "get Cache::Memcached::Fast->get\n";

expect(scalar $client->delete('greeting'), 1, 'delete');
expect(scalar $client->delete('greeting'), '', 'delete of nothing');
expect(scalar $client->get('greeting'), undef, 'get of what was deleted');
print "delete Cache::Memcached::Fast->delete\n";

expect(scalar $client->set('counter', '10'), 1, 'set');
expect(scalar $client->incr('counter', 5), 15, 'incr');
expect($client->decr('counter', 20) + 0, 0, 'decr');  # '0E0', which is true
print "incr Cache::Memcached::Fast->incr Cache::Memcached::Fast->decr\n";

expect(scalar $client->set('cas', '1'), 1, 'set');
my ($cas, $value) = @{ $client->gets('cas') };
expect($value, '1', 'gets');
expect(scalar $client->cas('cas', $cas, '2'), 1, 'cas');
expect(scalar $client->cas('cas', $cas, '3'), '', 'a stale cas');
expect(scalar $client->get('cas'), '2', 'get after cas');
print "cas Cache::Memcached::Fast->gets Cache::Memcached::Fast->cas\n";

my %many = map { ("many-$_" => "value-$_") } 1 .. 100;
my $stored = $client->set_multi(map { [$_, $many{$_}] } keys %many);
expect(scalar(grep { $_ } values %$stored), 100, 'set_multi');
my $found = $client->get_multi(keys %many, 'many-missing');
expect(join(',', sort keys %$found), join(',', sort keys %many), 'the keys of get_multi');
expect($found->{$_}, $many{$_}, "get_multi's $_") for keys %many;
print "multi-get Cache::Memcached::Fast->set_multi Cache::Memcached::Fast->get_multi\n";

my $megabyte = join '', map { chr(($_ * $_ / 251) % 256) } 0 .. 999_999;
expect(scalar $client->set('megabyte', $megabyte), 1, 'set of a megabyte');
expect(scalar $client->get('megabyte'), $megabyte, 'get of a megabyte');
print "megabyte Cache::Memcached::Fast->set Cache::Memcached::Fast->get\n";

my $any_bytes = join('', map { chr } 0 .. 255) . "\r\nEND\r\n";
expect(scalar $client->set('binary', $any_bytes), 1, 'set of any bytes');
expect(scalar $client->get('binary'), $any_bytes, 'get of any bytes');
print "binary Cache::Memcached::Fast->set Cache::Memcached::Fast->get\n";
$client->disconnect_all;
