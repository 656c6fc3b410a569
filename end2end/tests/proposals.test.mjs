// Proposals: an agent wants to change something for others, people accept or decline it, and the agent hears how.
import AxeBuilder from '@axe-core/playwright'
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { proposalCard as card } from '../support/agent.mjs'
import { keyboard } from '../support/browser.mjs'
import { connectAgent, tokenFromInfoTab } from '../support/mcp.mjs'
import { openTab, post, reloadUntil } from '../support/road.mjs'
import { setStage } from '../support/stage.mjs'

const listed = (context, server, configuration) => post(context, server, 'get_auto_start', { configuration })
const line = (page, id, kind) => card(page, id).locator(`[data-line="${kind}"] code`).allTextContents()
const closed = (page, id, state) => page.locator(`[id="proposal:${id}"][data-request="${state}"]`)

describe('proposals', () => {
  const stage = setStage()
  let server, page, context, session, configuration, agent
  /** Calls a tool of which the answer holds a pending proposal; answers its id. */
  const propose = async (name, args) => {
    const { structuredContent: answer } = await agent.callTool({ name, arguments: args })
    assert.equal(answer.proposal.state, 'pending')
    return answer.proposal.id
  }
  /** Waits, with progress, until a person decides. */
  const decision = (id, heard = []) =>
    agent.callTool({ name: 'get_proposal', arguments: { id, waitSeconds: 60 } }, undefined, {
      onprogress: (progress) => heard.push(progress.message),
      resetTimeoutOnProgress: true,
      timeout: 30_000,
    })
  before(async () => {
    ;({ server, page, context, session } = await stage.setup())
    ;({ configuration } = await post(context, server, 'get_session', { session }))
    agent = await connectAgent(server, await tokenFromInfoTab(page, { name: 'Claude' }))
    stage.later(() => agent.close())
  })

  it('show commands line by line, and count as waiting everywhere until one is accepted', async () => {
    await post(context, server, 'save_auto_start', { configuration, 'commands[0][command]': 'npm ci', 'commands[0][enabled]': 'true' })
    const id = await propose('save_service_commands', { commands: [{ command: 'pnpm i' }, { command: 'pnpm dev\u202e', enabled: false }] })
    await card(page, id).getByRole('heading', { name: 'Claude proposes other auto-start commands' }).waitFor()
    assert.deepEqual(await line(page, id, 'removed'), ['npm ci'])
    assert.deepEqual(await line(page, id, 'added'), ['pnpm i', 'pnpm dev⟨U+202E⟩'], 'nothing hides in it')
    await page.locator('.tab [data-proposed]').getByText('1').waitFor()
    await page.waitForFunction(() => /^\(\d+\) /.test(document.title))
    const heard = []
    const waiting = decision(id, heard)
    await page.getByRole('link', { name: '1 proposal from the agent needs a decision' }).click()
    await card(page, id).getByRole('button', { name: 'Accept' }).press('Enter')
    await keyboard(page, (here) => here.id.startsWith('proposal-state:'))
    await closed(page, id, 'accepted').getByText('Accepted by Owner').waitFor()
    const { structuredContent: answer } = await waiting
    assert.deepEqual([answer.state, answer.decidedBy], ['accepted', 'Owner'])
    assert.match(heard[0], /Waiting for a person to accept or decline it/)
    assert.deepEqual((await listed(context, server, configuration)).map(({ command }) => command), ['pnpm i', 'pnpm dev\u202e'])
    await page.locator('.session-proposals').waitFor({ state: 'detached' })
    assert.equal(await card(page, id).locator('form').count(), 0, 'a closed card has no form')
    await openTab(page, 'Auto-start')
    assert.equal(await page.getByRole('textbox', { name: 'Command 1', exact: true }).inputValue(), 'pnpm i')
  })

  it('are declined with a reason that the agent hears', async () => {
    const id = await propose('finish_setup', { anyway: true })
    await card(page, id).getByText('STRIPE_SECRET_KEY').waitFor()
    const waiting = decision(id)
    await card(page, id).getByText('Decline', { exact: true }).click()
    await card(page, id).getByLabel('Reason for the agent (optional)').fill('The payment key comes tomorrow.')
    await card(page, id).getByRole('button', { name: 'Decline proposal' }).click()
    await closed(page, id, 'declined').getByText('Declined by Owner').waitFor()
    await card(page, id).getByText('The payment key comes tomorrow.').waitFor()
    const { structuredContent: answer } = await waiting
    assert.deepEqual([answer.state, answer.reason], ['declined', 'The payment key comes tomorrow.'])
    await page.locator('.session-head').getByText('Open').waitFor()
  })

  it('name files and keys, and the snapshot, and are accessible', async () => {
    const keys = [{ key: 'registry', default: 'https://registry.test' }]
    const files = [{ path: '.env', keys: [{ key: 'DATABASE_URL' }] }, { path: '.npmrc', mode: 'shared', keys }]
    const file = await propose('save_env_files', { files })
    await card(page, file).getByRole('heading', { name: '.npmrc' }).waitFor()
    await card(page, file).getByText('https://registry.test').waitFor()
    const snapshot = await propose('save_snapshot', { name: 'Built' })
    await card(page, snapshot).getByText('“Built”').waitFor()
    await page.locator('.tab [data-proposed]').getByText('1').waitFor()
    await card(page, file).getByText('Decline', { exact: true }).click()
    const { violations } = await new AxeBuilder({ page }).analyze()
    assert.deepEqual(violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`)), [])

    // Somebody else who looks at the same page sees each decision at once.
    const other = await stage.beside(context, `${server.origin}/sessions/${session}?tab=snapshots`)
    await card(page, snapshot).getByRole('button', { name: 'Accept' }).click()
    await closed(other.page, snapshot, 'accepted').waitFor()
    await other.page.locator('[data-snapshot]').getByText('Current').first().waitFor()
    await card(page, file).getByText('Decline', { exact: true }).click()
    await card(page, file).getByRole('button', { name: 'Accept' }).click()
    await closed(other.page, file, 'accepted').waitFor()
    await openTab(page, 'Environment')
    await page.locator('.sidebar [data-slot="registry"]').waitFor()
  })

  it('of commands need nobody where an admin allows it, which the thread tells', async () => {
    await openTab(page, 'Auto-start')
    await page.getByRole('button', { name: 'Allow without asking' }).click()
    await page.locator('.thread-entry').getByText('let agents change the auto-start commands without asking.').waitFor()
    const { structuredContent: saved } = await agent.callTool({ name: 'save_service_commands', arguments: { commands: [{ command: 'make dev' }] } })
    assert.deepEqual([saved.changed, saved.proposal], [true, undefined])
    await page.getByRole('button', { name: 'Ask before commands by agents apply' }).click()
    await page.getByRole('button', { name: 'Allow without asking' }).waitFor()
    const id = await propose('save_service_commands', { commands: [] })
    await card(page, id).waitFor()
  })

  it('finish the setup when a person accepts that, and what else waits expires', async () => {
    const id = await propose('finish_setup', { anyway: true })
    const waiting = decision(id)
    const list = await stage.beside(context, `${server.origin}/`)
    await list.page.getByText('2 proposals', { exact: true }).waitFor()
    await card(page, id).getByRole('button', { name: 'Accept' }).click()
    await closed(page, id, 'accepted').waitFor()
    await list.page.locator('[data-configuration] [data-proposals]').waitFor({ state: 'detached' })
    assert.equal((await waiting).structuredContent.state, 'accepted')
    await page.getByText('Owner (proposed by Claude)').waitFor()
    await page.getByText('Expired with the session').waitFor()
    await page.getByRole('button', { name: 'Start work session' }).waitFor()
  })
})

describe('proposals without JavaScript', () => {
  const stage = setStage()
  it('are accepted and declined by plain forms', async () => {
    const { server, page, context, session } = await stage.setup({ javaScriptEnabled: false })
    const { configuration } = await post(context, server, 'get_session', { session })
    const { token } = await post(context, server, 'create_token', { session, name: 'Claude', purpose: 'agent', days: '1' })
    const agent = await connectAgent(server, token)
    stage.later(() => agent.close())
    const propose = async (command) => {
      const { structuredContent: answer } = await agent.callTool({ name: 'save_service_commands', arguments: { commands: [{ command }] } })
      await reloadUntil(page, card(page, answer.proposal.id))
      return answer.proposal.id
    }
    const decision = (id) => agent.callTool({ name: 'get_proposal', arguments: { id, waitSeconds: 60 } })
    const first = await propose('npm start')
    const no = decision(first)
    await card(page, first).getByText('Decline', { exact: true }).click()
    await card(page, first).getByLabel('Reason for the agent (optional)').fill('Use make.')
    await card(page, first).getByRole('button', { name: 'Decline proposal' }).click()
    await closed(page, first, 'declined').getByText('Use make.').waitFor()
    assert.equal((await no).structuredContent.reason, 'Use make.')

    const second = await propose('make dev')
    const yes = decision(second)
    await card(page, second).getByRole('button', { name: 'Accept' }).click()
    await closed(page, second, 'accepted').getByText('Accepted by Owner').waitFor()
    assert.equal((await yes).structuredContent.state, 'accepted')
    assert.deepEqual((await listed(context, server, configuration)).map(({ command }) => command), ['make dev'])

    // What cannot be done is told at the card.
    const third = await propose('make other')
    await post(context, server, 'save_auto_start', { configuration, 'commands[0][command]': 'make test' })
    await card(page, third).getByRole('button', { name: 'Accept' }).click()
    await card(page, third).getByText('Something changed since this was proposed').waitFor()
    assert.deepEqual(await line(page, third, 'removed'), ['make test'])

    await page.goto(`${server.origin}/sessions/${session}?tab=auto-start`)
    await page.getByRole('button', { name: 'Allow without asking' }).click()
    await page.getByRole('button', { name: 'Ask before commands by agents apply' }).waitFor()
  })
})
