// spymemcached: see tests/clients/test_real_clients.py for what every client does.

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.spy.memcached.CASResponse;
import net.spy.memcached.CASValue;
import net.spy.memcached.ConnectionFactoryBuilder;
import net.spy.memcached.ConnectionFactoryBuilder.Protocol;
import net.spy.memcached.MemcachedClient;
import net.spy.memcached.auth.AuthDescriptor;
import net.spy.memcached.auth.PlainCallbackHandler;
import net.spy.memcached.transcoders.SerializingTranscoder;

final class Client {
  private static final int MEGABYTE_BYTES = 1000000;

  private final MemcachedClient client;

  private Client(MemcachedClient client) {
    this.client = client;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2 && arguments.length != 4) {
      System.err.println("usage: Client PORT text|binary [USER PASSWORD]");
      System.exit(64);
    }
    final SerializingTranscoder transcoder = new SerializingTranscoder();
    transcoder.setCompressionThreshold(Integer.MAX_VALUE);
    final ConnectionFactoryBuilder factory =
        new ConnectionFactoryBuilder()
            .setProtocol(arguments[1].equals("binary") ? Protocol.BINARY : Protocol.TEXT)
            .setTranscoder(transcoder)
            .setDaemon(true)
            .setOpTimeout(TimeUnit.SECONDS.toMillis(10));
    if (arguments.length == 4) {
      factory.setAuthDescriptor(
          new AuthDescriptor(
              new String[] {"PLAIN"}, new PlainCallbackHandler(arguments[2], arguments[3])));
    }
    final InetSocketAddress address =
        new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
    final MemcachedClient connected = new MemcachedClient(factory.build(), List.of(address));
    new Client(connected).run();
    connected.shutdown(10, TimeUnit.SECONDS);
  }

  private void run() throws Exception {
    expect(client.get("greeting") == null, "a miss");
    expect(client.set("greeting", 0, "hello").get(), "set");
    expect("hello".equals(client.get("greeting")), "get");
    System.out.println("set MemcachedClient.set");
    System.out.println("get MemcachedClient.get");

    expect(client.delete("greeting").get(), "delete");
    expect(!client.delete("greeting").get(), "delete of nothing");
    expect(client.get("greeting") == null, "get of what was deleted");
    System.out.println("delete MemcachedClient.delete");

    expect(client.set("counter", 0, "10").get(), "set");
    expect(client.incr("counter", 5) == 15, "incr");
    expect(client.decr("counter", 20) == 0, "decr");
    System.out.println("incr MemcachedClient.incr MemcachedClient.decr");

    compareAndSet();
    getMany();
    storeBytes();
  }

  private void compareAndSet() throws Exception {
    expect(client.set("cas", 0, "1").get(), "set");
    final CASValue<Object> found = client.gets("cas");
    expect(found.getValue().equals("1"), "gets");
    expect(client.cas("cas", found.getCas(), "2") == CASResponse.OK, "cas");
    expect(client.cas("cas", found.getCas(), "3") == CASResponse.EXISTS, "a stale cas");
    expect("2".equals(client.get("cas")), "get after cas");
    System.out.println("cas MemcachedClient.gets MemcachedClient.cas");
  }

  private void getMany() throws Exception {
    final Map<String, Object> many = new HashMap<>();
    for (int number = 0; number < 100; ++number) {
      many.put("many-" + number, "value-" + number);
    }
    for (Map.Entry<String, Object> entry : many.entrySet()) {
      expect(client.set(entry.getKey(), 0, entry.getValue()).get(), "set of many");
    }
    final List<String> keys = new ArrayList<>(many.keySet());
    keys.add("many-missing");
    expect(client.getBulk(keys).equals(many), "getBulk");
    System.out.println("multi-get MemcachedClient.getBulk");
  }

  private void storeBytes() throws Exception {
    final byte[] megabyte = new byte[MEGABYTE_BYTES];
    for (int i = 0; i < megabyte.length; ++i) {
      megabyte[i] = (byte) ((long) i * i / 251);
    }
    expect(client.set("megabyte", 0, megabyte).get(), "set of a megabyte");
    expect(Arrays.equals(megabyte, (byte[]) client.get("megabyte")), "get of a megabyte");
    System.out.println("megabyte MemcachedClient.set MemcachedClient.get");

    final byte[] anyBytes = Arrays.copyOf("\r\nEND\r\n".getBytes("US-ASCII"), 256 + 7);
    for (int i = 0; i < 256; ++i) {
      anyBytes[7 + i] = (byte) i;
    }
    expect(client.set("binary", 0, anyBytes).get(), "set of any bytes");
    expect(Arrays.equals(anyBytes, (byte[]) client.get("binary")), "get of any bytes");
    System.out.println("binary MemcachedClient.set MemcachedClient.get");
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("spymemcached: " + what);
    }
  }
}
