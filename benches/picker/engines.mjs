// Fuse.js and MiniSearch on the data of the picker's benchmark; prints their figures as JSON.
import { readFileSync } from "node:fs";
import Fuse from "fuse.js";
import MiniSearch from "minisearch";

const { entries, typed } = JSON.parse(readFileSync("data.json", "utf8"));
const FIELDS = ["name", "town", "postcode", "uai"];
const SHOWN = 10;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function measured(name, every, build, ask) {
  global.gc?.();
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const engine = build();
  const ready_ms = performance.now() - began;
  const megabytes = (process.memoryUsage().rss - before) / 1e6;
  const times = typed
    .filter((_, at) => at % every === 0)
    .map((text) => {
      const start = performance.now();
      ask(engine, text);
      return performance.now() - start;
    })
    .sort((one, other) => one - other);
  const at = (share) => times[Math.floor((times.length - 1) * share)];
  return { name, times: { count: times.length, p50: at(0.5), p99: at(0.99), longest: at(1) }, ready_ms, megabytes };
}

const minisearch = measured(
  "MiniSearch, beginnings of all words", 100,
  () => {
    const engine = new MiniSearch({ fields: FIELDS, processTerm: plain });
    engine.addAll(entries);
    return engine;
  },
  (engine, text) => engine.search(text, { prefix: true, combineWith: "AND" }).slice(0, SHOWN),
);
const fuse = measured(
  "Fuse.js, threshold 0.6", 500,
  () => new Fuse(entries, { keys: FIELDS, ignoreDiacritics: true }),
  (engine, text) => engine.search(text, { limit: SHOWN }),
);
console.log(JSON.stringify([minisearch, fuse]));
