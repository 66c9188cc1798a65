// Looks for a number that, written behind the salt, gives a SHA-256 (FIPS 180-4) beginning with so many
// zero bits. Salt and number fit into one block of 64 bytes.
(function () {
  "use strict";

  var K = new Uint32Array(64);
  var H = new Uint32Array(8);

  // The first 32 bits of the fractions of roots of primes.
  function fraction(x) {
    return ((x - Math.floor(x)) * 4294967296) >>> 0;
  }
  for (var n = 2, count = 0; count < 64; n++) {
    var prime = true;
    for (var d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (count < 8) H[count] = fraction(Math.sqrt(n));
    K[count++] = fraction(Math.cbrt(n));
  }

  var block = new Uint8Array(64);
  var W = new Uint32Array(64);

  function turned(x, by) {
    return (x >>> by) | (x << (32 - by));
  }

  // The first word of the hash of the block.
  function firstWord() {
    for (var i = 0; i < 16; i++) {
      W[i] = (block[4 * i] << 24) | (block[4 * i + 1] << 16) | (block[4 * i + 2] << 8) | block[4 * i + 3];
    }
    for (i = 16; i < 64; i++) {
      var p = W[i - 15], q = W[i - 2];
      var s0 = turned(p, 7) ^ turned(p, 18) ^ (p >>> 3);
      var s1 = turned(q, 17) ^ turned(q, 19) ^ (q >>> 10);
      W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
    }
    var a = H[0], b = H[1], c = H[2], e = H[4], f = H[5], g = H[6], h = H[7], dd = H[3];
    for (i = 0; i < 64; i++) {
      var t1 = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      var t2 = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (dd + t1) | 0;
      dd = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    return (a + H[0]) >>> 0;
  }

  function write(text) {
    block.fill(0);
    for (var i = 0; i < text.length; i++) block[i] = text.charCodeAt(i);
    block[text.length] = 0x80;
    var bits = text.length * 8;
    block[62] = bits >> 8;
    block[63] = bits & 255;
  }

  self.onmessage = function (event) {
    var salt = event.data.salt, bits = event.data.bits;
    if (bits > 30 || salt.length > 40) throw new Error("not to be computed");
    for (var number = 0; number < 1e11; number++) {
      write(salt + number);
      if (Math.clz32(firstWord()) >= bits) {
        self.postMessage(String(number));
        return;
      }
    }
  };
})();
