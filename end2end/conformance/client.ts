// Calls every operation through the types that openapi-typescript makes: checked by tsc, then run with Node, which takes
// the types away. ADDRESS, TOKEN and OPERATIONS come in the environment.
import createClient from 'openapi-fetch'
import type { paths } from './schema'

declare const process: { env: Record<string, string | undefined> }
const { ADDRESS, TOKEN, OPERATIONS = '' } = process.env
const called = new Set<string>()
const client = createClient<paths>({ baseUrl: `${ADDRESS}/api/v1`, headers: { authorization: `Bearer ${TOKEN}` } })

/** The data of an answer that must be a success. */
function ok<T>(operation: string, { data, error }: { data?: T; error?: unknown }): NonNullable<T> {
  if (!data) throw new Error(`${operation}: ${JSON.stringify(error)}`)
  called.add(operation)
  return data
}

function same(one: unknown, other: unknown): void {
  const [is, wanted] = [JSON.stringify(one), JSON.stringify(other)]
  if (is !== wanted) throw new Error(`${is} is not ${wanted}`)
}

ok('get_environment', await client.GET('/environment'))
const files = [{ path: '.env', keys: [{ key: 'API_TOKEN', description: 'Of the test' }] }]
const saved = ok('save_env_files', await client.PUT('/env-files', { body: { files } }))
same([saved.changed, saved.missing], [true, 1])
const asked = ok('request_env_variables', await client.POST('/requests', { body: { keys: [{ key: 'API_TOKEN' }] } }))
const params = { path: { id: asked.id } }
same(ok('get_request', await client.GET('/requests/{id}', { params })).state, 'pending')
same(ok('cancel_request', await client.DELETE('/requests/{id}', { params })).state, 'cancelled')
const body = { commands: [{ command: 'true' }] }
const { proposal } = ok('save_service_commands', await client.PUT('/service-commands', { body }))
const looked = await client.GET('/proposals/{id}', { params: { path: { id: proposal?.id ?? '' } } })
same(ok('get_proposal', looked).state, 'pending')
ok('get_service_commands', await client.GET('/service-commands'))
ok('read_notes', await client.GET('/notes', { params: { query: { after: 0 } } }))
const snapshot = await client.POST('/snapshots', { body: { name: 'From TypeScript' }, params: { query: { wait: 60 } } })
const { id } = ok('save_snapshot', snapshot)
ok('get_snapshot', await client.GET('/snapshots/{id}', { params: { path: { id } } }))
// Refused, because a value is missing: problems have their shape too.
const { error, response } = await client.POST('/finish', { body: {} })
same([response.status, error?.status], [409, 409])
called.add('finish_setup')
same(OPERATIONS.split(',').filter((operation) => !called.has(operation)), [])
console.log(`called ${called.size} operations`)
