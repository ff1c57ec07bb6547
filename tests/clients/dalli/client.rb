# dalli: see tests/clients/test_real_clients.py for what every client does.
require 'dalli'
require 'logger'
require 'openssl'

abort "usage: #{$PROGRAM_NAME} PORT binary [USER PASSWORD]" unless [2, 4].include?(ARGV.size)
port, _protocol, user, password = ARGV

def expect(found, wanted, what)
  raise "dalli: #{what}: wanted #{wanted.inspect[0, 200]}, got #{found.inspect[0, 200]}" unless found == wanted
end

Dalli.logger = Logger.new($stderr)
options = { compress: false, socket_timeout: 10 }
options.update(username: user, password: password) if user
if ENV.key?('TLS_AUTHORITY')
  options[:ssl_context] = OpenSSL::SSL::SSLContext.new
  options[:ssl_context].set_params(ca_file: ENV['TLS_AUTHORITY'])
end
client = Dalli::Client.new("127.0.0.1:#{port}", options)

expect(client.get('greeting'), nil, 'a miss')
expect(client.set('greeting', 'hello').is_a?(Integer), true, 'set')
expect(client.get('greeting'), 'hello', 'get')
puts 'set Client#set'
puts 'get Client#get'

expect(client.delete('greeting'), true, 'delete')
expect(client.delete('greeting'), nil, 'delete of nothing')
expect(client.get('greeting'), nil, 'get of what was deleted')
puts 'delete Client#delete'

expect(client.incr('counter', 5, nil, 10), 10, 'incr that creates')
expect(client.incr('counter', 5), 15, 'incr')
expect(client.decr('counter', 20), 0, 'decr')
puts 'incr Client#incr Client#decr'

client.set('cas', '1')
value, cas = client.get_cas('cas')
expect(value, '1', 'get_cas')
expect(client.set_cas('cas', '2', cas).is_a?(Integer), true, 'set_cas')
expect(client.set_cas('cas', '3', cas), false, 'a stale set_cas')
expect(client.cas('cas') { |old| "#{old}!" }.is_a?(Integer), true, 'cas')
expect(client.get('cas'), '2!', 'get after cas')
puts 'cas Client#get_cas Client#set_cas Client#cas'

many = (0...100).to_h { |number| ["many-#{number}", "value-#{number}"] }
client.multi { many.each { |key, stored| client.set(key, stored) } }
if ENV.key?('TLS_AUTHORITY')
  # The get_multi of this version calls a method that its TLS sockets lack.
  expect(many.keys.to_h { |key| [key, client.get(key)] }, many, 'one get after the other')
  expect(client.get('many-missing'), nil, 'a miss of many')
  puts 'successive Client#multi Client#get'
else
  expect(client.get_multi(many.keys + ['many-missing']), many, 'get_multi')
  puts 'multi-get Client#multi Client#get_multi'
end

megabyte = (0...1_000_000).map { |number| number * number / 251 % 256 }.pack('C*')
expect(client.set('megabyte', megabyte, nil, raw: true).is_a?(Integer), true, 'set of a megabyte')
expect(client.get('megabyte'), megabyte, 'get of a megabyte')
puts 'megabyte Client#set Client#get'

any_bytes = ((0..255).to_a.pack('C*') + "\r\nEND\r\n".b).b
expect(client.set('binary', any_bytes, nil, raw: true).is_a?(Integer), true, 'set of any bytes')
expect(client.get('binary'), any_bytes, 'get of any bytes')
puts 'binary Client#set Client#get'
client.close
