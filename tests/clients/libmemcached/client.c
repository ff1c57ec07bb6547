/* libmemcached from C: see tests/clients/test_real_clients.py for what every client does. */

#include <libmemcached/memcached.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kMegabyteBytes = 1000000, kKeyCount = 100, kMaxKeyBytes = 32 };

static memcached_st *memc;

static void expect(bool holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "libmemcached: %s: %s\n", what, memcached_last_error_message(memc));
    exit(1);
  }
}

static memcached_return_t set(const char *key, const char *value, size_t value_bytes,
                              uint32_t flags) {
  return memcached_set(memc, key, strlen(key), value, value_bytes, 0, flags);
}

static void expect_value(const char *key, const char *value, size_t value_bytes, uint32_t flags) {
  size_t found_bytes = 0;
  uint32_t found_flags = 0;
  memcached_return_t result;
  char *found = memcached_get(memc, key, strlen(key), &found_bytes, &found_flags, &result);
  expect(result == MEMCACHED_SUCCESS, "get");
  expect(found_bytes == value_bytes && memcmp(found, value, value_bytes) == 0, "the value got");
  expect(found_flags == flags, "the flags got");
  free(found);
}

static void expect_miss(const char *key) {
  size_t found_bytes = 0;
  memcached_return_t result;
  char *found = memcached_get(memc, key, strlen(key), &found_bytes, NULL, &result);
  expect(found == NULL && result == MEMCACHED_NOTFOUND, "a miss");
}

static void set_and_get(void) {
  expect_miss("greeting");
  expect(set("greeting", "hello", 5, 7) == MEMCACHED_SUCCESS, "set");
  expect_value("greeting", "hello", 5, 7);
  puts("set memcached_set");
  puts("get memcached_get");
}

static void delete(void) {
  expect(memcached_delete(memc, "greeting", 8, 0) == MEMCACHED_SUCCESS, "delete");
  expect(memcached_delete(memc, "greeting", 8, 0) == MEMCACHED_NOTFOUND, "delete of nothing");
  expect_miss("greeting");
  puts("delete memcached_delete");
}

static void increment(void) {
  uint64_t number = 0;
  expect(set("counter", "10", 2, 0) == MEMCACHED_SUCCESS, "set");
  expect(memcached_increment(memc, "counter", 7, 5, &number) == MEMCACHED_SUCCESS, "increment");
  expect(number == 15, "the sum");
  expect(memcached_decrement(memc, "counter", 7, 20, &number) == MEMCACHED_SUCCESS, "decrement");
  expect(number == 0, "the difference");
  puts("incr memcached_increment memcached_decrement");
}

/* The CAS number of a key that exists. */
static uint64_t cas_of(const char *key) {
  const char *keys[] = {key};
  const size_t key_bytes[] = {strlen(key)};
  memcached_return_t result;
  expect(memcached_mget(memc, keys, key_bytes, 1) == MEMCACHED_SUCCESS, "mget");
  memcached_result_st *found = memcached_fetch_result(memc, NULL, &result);
  expect(found != NULL, "fetch_result");
  const uint64_t cas = memcached_result_cas(found);
  memcached_result_free(found);
  expect(memcached_fetch_result(memc, NULL, &result) == NULL, "the end of the results");
  return cas;
}

static void compare_and_set(void) {
  expect(set("cas", "1", 1, 0) == MEMCACHED_SUCCESS, "set");
  const uint64_t cas = cas_of("cas");
  expect(memcached_cas(memc, "cas", 3, "2", 1, 0, 0, cas) == MEMCACHED_SUCCESS, "cas");
  expect(memcached_cas(memc, "cas", 3, "3", 1, 0, 0, cas) == MEMCACHED_DATA_EXISTS, "a stale cas");
  expect_value("cas", "2", 1, 0);
  puts("cas memcached_cas memcached_result_cas");
}

static void get_many(void) {
  static char names[kKeyCount + 1][kMaxKeyBytes];
  const char *keys[kKeyCount + 1];
  size_t key_bytes[kKeyCount + 1];
  for (int i = 0; i <= kKeyCount; ++i) {
    key_bytes[i] = (size_t)snprintf(names[i], kMaxKeyBytes, "many-%d", i);
    keys[i] = names[i];
    if (i < kKeyCount) {
      expect(set(keys[i], keys[i], key_bytes[i], 0) == MEMCACHED_SUCCESS, "set");
    }
  }
  expect(memcached_mget(memc, keys, key_bytes, kKeyCount + 1) == MEMCACHED_SUCCESS, "mget");
  int count = 0;
  memcached_return_t result;
  for (memcached_result_st *found; (found = memcached_fetch_result(memc, NULL, &result)) != NULL;
       ++count) {
    const size_t found_bytes = memcached_result_length(found);
    expect(found_bytes == memcached_result_key_length(found) &&
               memcmp(memcached_result_value(found), memcached_result_key_value(found),
                      found_bytes) == 0,
           "a value of many");
    memcached_result_free(found);
  }
  expect(count == kKeyCount, "the number of values");
  puts("multi-get memcached_mget memcached_fetch_result");
}

static void store_a_megabyte(void) {
  char *value = malloc(kMegabyteBytes);
  for (size_t i = 0; i < kMegabyteBytes; ++i) {
    value[i] = (char)(i * i / 251);
  }
  expect(set("megabyte", value, kMegabyteBytes, 0) == MEMCACHED_SUCCESS, "set of a megabyte");
  expect_value("megabyte", value, kMegabyteBytes, 0);
  free(value);
  puts("megabyte memcached_set memcached_get");
}

static void store_binary(void) {
  char value[256 + 7];
  for (int i = 0; i < 256; ++i) {
    value[i] = (char)i;
  }
  memcpy(value + 256, "\r\nEND\r\n", 7);
  expect(set("binary", value, sizeof(value), 0) == MEMCACHED_SUCCESS, "set of any bytes");
  expect_value("binary", value, sizeof(value), 0);
  puts("binary memcached_set memcached_get");
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: client PORT text|binary [USER PASSWORD]\n");
    return 64;
  }
  memc = memcached_create(NULL);
  memcached_behavior_set(memc, MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
  memcached_behavior_set(memc, MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, strcmp(argv[2], "binary") == 0);
  if (argc > 4) {
    expect(memcached_set_sasl_auth_data(memc, argv[3], argv[4]) == MEMCACHED_SUCCESS, "SASL");
  }
  expect(memcached_server_add(memc, "127.0.0.1", (in_port_t)atoi(argv[1])) == MEMCACHED_SUCCESS,
         "server_add");
  set_and_get();
  delete();
  increment();
  compare_and_set();
  get_many();
  store_a_megabyte();
  store_binary();
  memcached_free(memc);
  return 0;
}
