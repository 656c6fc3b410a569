// What goes over the wire between a program and the server, as somebody on the way would see it.
import { connect, createServer } from 'node:net'

/** Passes everything on to a server and keeps it, each answer split into head and body. */
export async function listenIn(origin) {
  const { hostname, port } = new URL(origin)
  const [asked, answered] = [[], []]
  const relay = createServer((client) => {
    const server = connect(Number(port), hostname)
    const keep = (list) => {
      const chunks = []
      list.push(chunks)
      return (chunk) => chunks.push(chunk)
    }
    client.on('data', keep(asked)).pipe(server)
    server.on('data', keep(answered)).pipe(client)
    for (const socket of [client, server]) socket.on('error', () => (client.destroy(), server.destroy()))
  })
  await new Promise((ready) => relay.listen(0, '127.0.0.1', ready))
  const text = (lists) => lists.map((chunks) => Buffer.concat(chunks).toString('latin1')).join('\n')
  return {
    origin: `http://127.0.0.1:${relay.address().port}`,
    /** Everything that the program sent. */
    asked: () => text(asked),
    /** Everything that came back. */
    answered: () => text(answered),
    /** The heads of what came back. */
    heads: () => [...text(answered).matchAll(/HTTP\/1\.1 [^]*?\r\n\r\n/g)].map(([head]) => head).join(''),
    stop: () => relay.close(),
  }
}
