// Names below `localhost` mean this machine, as browsers have it. Node asks the system, which may not know them.
import dns from 'node:dns'

const here = (name) => (/(^|\.)localhost$/i.test(name) ? '127.0.0.1' : name)
for (const place of [dns, dns.promises]) {
  const { lookup } = place
  place.lookup = (name, ...more) => lookup.call(place, here(name), ...more)
}
