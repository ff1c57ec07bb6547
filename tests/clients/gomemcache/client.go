// gomemcache: see tests/clients/test_real_clients.py for what every client does.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"

	"github.com/bradfitz/gomemcache/memcache"
)

func expect(holds bool, what string) {
	if !holds {
		log.Fatalf("gomemcache: %s", what)
	}
}

func set(client *memcache.Client, key string, value []byte) {
	err := client.Set(&memcache.Item{Key: key, Value: value, Flags: 7})
	expect(err == nil, fmt.Sprintf("set of %s: %v", key, err))
}

func expectValue(client *memcache.Client, key string, value []byte) {
	item, err := client.Get(key)
	expect(err == nil, fmt.Sprintf("get of %s: %v", key, err))
	expect(bytes.Equal(item.Value, value), "the value got")
	expect(item.Flags == 7, "the flags got")
}

func expectMiss(client *memcache.Client, key string) {
	_, err := client.Get(key)
	expect(err == memcache.ErrCacheMiss, "a miss")
}

func compareAndSwap(client *memcache.Client) {
	set(client, "cas", []byte("1"))
	item, err := client.Get("cas")
	expect(err == nil, "get")
	stale := *item
	item.Value = []byte("2")
	expect(client.CompareAndSwap(item) == nil, "compare and swap")
	stale.Value = []byte("3")
	expect(client.CompareAndSwap(&stale) == memcache.ErrCASConflict, "a stale compare and swap")
	expectValue(client, "cas", []byte("2"))
	fmt.Println("cas Client.Get Client.CompareAndSwap")
}

func getMany(client *memcache.Client) {
	keys := []string{"many-missing"}
	for number := 0; number < 100; number++ {
		keys = append(keys, fmt.Sprintf("many-%d", number))
		set(client, keys[number+1], []byte(keys[number+1]))
	}
	items, err := client.GetMulti(keys)
	expect(err == nil && len(items) == 100, "the number of values")
	for key, item := range items {
		expect(string(item.Value) == key, "a value of many")
	}
	fmt.Println("multi-get Client.GetMulti")
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: client PORT text")
	}
	client := memcache.New("127.0.0.1:" + os.Args[1])
	client.Timeout = 10e9

	expectMiss(client, "greeting")
	set(client, "greeting", []byte("hello"))
	expectValue(client, "greeting", []byte("hello"))
	fmt.Println("set Client.Set")
	fmt.Println("get Client.Get")

	expect(client.Delete("greeting") == nil, "delete")
	expect(client.Delete("greeting") == memcache.ErrCacheMiss, "delete of nothing")
	expectMiss(client, "greeting")
	fmt.Println("delete Client.Delete")

	set(client, "counter", []byte("10"))
	sum, err := client.Increment("counter", 5)
	expect(err == nil && sum == 15, "increment")
	difference, err := client.Decrement("counter", 20)
	expect(err == nil && difference == 0, "decrement")
	fmt.Println("incr Client.Increment Client.Decrement")

	compareAndSwap(client)
	getMany(client)

	megabyte := make([]byte, 1000000)
	for i := range megabyte {
		megabyte[i] = byte(i * i / 251)
	}
	set(client, "megabyte", megabyte)
	expectValue(client, "megabyte", megabyte)
	fmt.Println("megabyte Client.Set Client.Get")

	anyBytes := []byte{}
	for i := 0; i < 256; i++ {
		anyBytes = append(anyBytes, byte(i))
	}
	anyBytes = append(anyBytes, "\r\nEND\r\n"...)
	set(client, "binary", anyBytes)
	expectValue(client, "binary", anyBytes)
	fmt.Println("binary Client.Set Client.Get")
}
