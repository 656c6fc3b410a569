#!/usr/bin/env node
// Prints the sizes of the browser bundle, raw and as sent (brotli).
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`
let [raw, sent] = [0, 0]
for (const name of readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name))) {
  const sizes = [statSync(join(folder, name)).size, statSync(join(folder, `${name}.br`)).size]
  console.log(`bundle ${name}: ${kilobytes(sizes[0])} raw, ${kilobytes(sizes[1])} brotli`)
  raw += sizes[0]
  sent += sizes[1]
}
console.log(`bundle in all: ${kilobytes(raw)} raw, ${kilobytes(sent)} brotli`)
