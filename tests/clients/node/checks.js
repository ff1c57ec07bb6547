// What the two Node.js clients share: the values that they store, and what stops a program.
'use strict';

const { isDeepStrictEqual } = require('util');

const keys = Array.from({ length: 100 }, (_, number) => `many-${number}`);

module.exports = {
  megabyte: Buffer.from({ length: 1000000 }, (_, number) => (number * number / 251) & 255),
  anyBytes: Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    Buffer.from('\r\nEND\r\n')]),
  many: Object.fromEntries(keys.map((key) => [key, `value of ${key}`])),

  expect(found, wanted, what) {
    if (!isDeepStrictEqual(found, wanted)) {
      throw new Error(`${what}: wanted ${String(wanted).slice(0, 200)}, ` +
                      `got ${String(found).slice(0, 200)}`);
    }
  },

  // Runs `main`; where it fails, so does the program.
  run(main) {
    main().catch((error) => {
      console.error(error);
      process.exit(1);
    });
  },
};
