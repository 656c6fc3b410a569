// The MCP endpoint against the protocol's own suites.
import assert from 'node:assert/strict'
import http from 'node:http'
import { npm, run } from './program.mjs'

const APPLY = ['server-initialize', 'ping', 'tools-list']
const EXAMPLES = "calls tools of the suite's own example server"
const NOT_OFFERED = 'is about a capability that the server does not declare'
/** Each other scenario, by the start of its name, and why it does not apply. */
const OTHERS = {
  'tools-call-': EXAMPLES,
  'elicitation-': EXAMPLES,
  'json-schema-2020-12': EXAMPLES,
  'server-sse-': 'needs sessions of the protocol, which the server does not keep: each call stands alone',
  'logging-': NOT_OFFERED,
  'completion-': NOT_OFFERED,
  'resources-': NOT_OFFERED,
  'prompts-': NOT_OFFERED,
  'dns-rebinding-protection': 'is for servers without authentication; other origins are tried by server/tests/road/agents.rs',
}

/** The scenarios that apply; one that is not known here fails, so that a newer suite is looked at. */
export async function conformance(site) {
  const listed = (await run([...npm('conformance'), 'list'])).split('Client scenarios')[0]
  const scenarios = [...listed.matchAll(/^ +- (\S+)/gm)].map(([, name]) => name)
  const why = (name) => Object.entries(OTHERS).find(([start]) => name.startsWith(start))?.[1]
  assert.deepEqual(scenarios.filter((name) => !APPLY.includes(name) && !why(name)), [], 'scenarios that are new')
  const token = await site.agent()
  assert.deepEqual((await capabilities(site, token)).sort(), ['extensions', 'tools'])
  const proxy = await withToken(site.server.address, token)
  try {
    const lines = []
    for (const name of APPLY) {
      const words = ['server', '--url', `${proxy.address}/mcp`, '--scenario', name]
      const output = await run([...npm('conformance'), ...words])
      lines.push(`${name}: ${output.match(/Passed: .*/)?.[0]}`)
    }
    const others = scenarios.filter((name) => !APPLY.includes(name))
    return [...lines, ...others.map((name) => `${name}: not run; it ${why(name)}`)]
  } finally {
    await proxy.close()
  }
}

/** The inspector as a client: the tools' schemas are portable, and a call works. */
export async function inspector(site) {
  const token = await site.agent()
  const to = ['--cli', '--server-url', `${site.server.address}/mcp`, '--transport', 'http']
  const call = (...words) => run([...npm('mcp-inspector'), ...to, '--header', `Authorization: Bearer ${token}`, ...words])
  const { tools } = JSON.parse((await call('--method', 'tools/list', '--strict')).replace(/^[^{]*/, ''))
  const looked = await call('--method', 'tools/call', '--tool-name', 'get_environment')
  assert.match(looked, /"readiness": "needs_values"/)
  return [`tools/list --strict: ${tools.length} tools; tools/call: get_environment`]
}

async function capabilities(site, token) {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'conformance', version: '1' } }
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const answer = await fetch(`${site.server.address}/mcp`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  })
  const data = (await answer.text()).match(/\{"jsonrpc".*\}/)[0]
  return Object.keys(JSON.parse(data).result.capabilities)
}

/** The suite sends no token of its own: this adds it on the way. */
async function withToken(origin, token) {
  const server = http.createServer((request, response) => {
    const headers = { ...request.headers, authorization: `Bearer ${token}` }
    const onward = http.request(origin + request.url, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  const close = () => new Promise((done) => (server.close(done), server.closeAllConnections()))
  return { address: `http://127.0.0.1:${server.address().port}`, close }
}
