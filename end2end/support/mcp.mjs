// Agents: the official MCP SDKs against the real server, with everything that goes over the wire kept for a look.
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { hydrated } from './browser.mjs'
import { openTab } from './road.mjs'

/** Makes a token on the Info tab, reads it there as a person would, and puts it away. */
export async function tokenFromInfoTab(page, { purpose = 'agent', name = '' } = {}) {
  await hydrated(page)
  await openTab(page, 'Info')
  await page.getByLabel('Token for').selectOption(purpose)
  await page.getByLabel(/^Name/).fill(name)
  await page.getByRole('button', { name: 'Make a token' }).click()
  const token = await page.getByLabel('The token', { exact: true }).inputValue()
  await page.getByRole('button', { name: 'I have it' }).click()
  return token
}

/** `fetch` that keeps what was sent and received: `[what, bytes]`. */
function listening(traffic) {
  return async (url, options = {}) => {
    const answer = await fetch(url, options)
    traffic.push([`call of ${url}`, String(options.body ?? '')], [`headers from ${url}`, JSON.stringify([...answer.headers])])
    if (!answer.body) return answer
    const [mine, theirs] = answer.body.tee()
    void (async () => {
      const entry = [`answer from ${url}`, '']
      traffic.push(entry)
      try {
        for await (const chunk of mine) entry[1] += Buffer.from(chunk).toString('latin1')
      } catch {
        // The client let go of the stream.
      }
    })()
    return new Response(theirs, answer)
  }
}

const options = (token, traffic) => ({
  requestInit: { headers: { authorization: `Bearer ${token}` } },
  fetch: listening(traffic),
})

/** The SDK that most agents use. */
export async function connectAgent(server, token, traffic = []) {
  const client = new Client({ name: 'end2end', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.address}/mcp`), options(token, traffic)))
  return client
}

/** The SDK of protocol 2026-07-28, as a client that can show a person a link. `show` gets each offered link. */
export async function connectModernAgent(server, token, show, traffic = []) {
  const client = new ModernClient(
    { name: 'end2end', version: '2' },
    { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  client.setRequestHandler('elicitation/create', async (request) => ({ action: await show(request.params) }))
  await client.connect(new ModernTransport(new URL(`${server.address}/mcp`), options(token, traffic)))
  return client
}

/** A call of the HTTP API; answers status, media type and body. */
export async function callApi(server, token, method, path, body, traffic = []) {
  const answer = await listening(traffic)(`${server.address}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  })
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() }
}
