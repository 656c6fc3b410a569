// Value requests: an agent asks, people answer in the card or in the panel, and both are one.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { agentOf, asked, card, field } from '../support/agent.mjs'
import { hasStatus, hydrated, keyboard, row } from '../support/browser.mjs'
import { finishAnyway, goToWork, holds, lacks, openTab, reloadUntil } from '../support/road.mjs'
import { until } from '../support/sandbox.mjs'
import { setStage } from '../support/stage.mjs'

const KEYS = [
  { key: 'DEPLOY_REGION', secret: false, description: 'Where the preview runs', suggestions: ['eu-central-1', 'us-east-1'] },
  { key: 'DEPLOY_TOKEN', description: 'Token of the deploy service', generate: 'hex32' },
  { key: 'SENTRY_DSN', required: false, description: 'Only for error reports' },
]
const ASK = { keys: KEYS, message: 'I can deploy a preview.\nFor that I need a region and a token.' }
/** Pages without scripts: a request settles once its values are in the files, which such a page shows when it is loaded. */
const still = new Set()
const appears = (page, locator) => (still.has(page) ? reloadUntil(page, locator) : locator.waitFor())
const outcome = (page, id, key, name) => appears(page, card(page, id).locator(`[data-asked="${key}"][data-outcome="${name}"]`))
const closed = (page, id, state) => appears(page, page.locator(`[id="request:${id}"][data-request="${state}"]`))
const outcomes = (answer) => Object.fromEntries(answer.keys.map(({ key, outcome }) => [key, outcome]))

for (const javaScriptEnabled of [true, false]) {
  describe(`requests ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    const stage = setStage()
    let server, page, session, agent
    /** Shows what there is now: with scripts the page does it by itself. */
    const look = async () => javaScriptEnabled || (await page.goto(`${server.origin}/sessions/${session}?tab=environment`))
    before(async () => {
      const setup = await stage.setup({ javaScriptEnabled })
      ;({ server, page } = setup)
      if (!javaScriptEnabled) still.add(page)
      await finishAnyway(page)
      session = await goToWork(page, setup.session)
      agent = await agentOf(setup.context, server, session)
      const running = page.locator('.session-head').getByText('Running')
      if (!javaScriptEnabled) return reloadUntil(page, running)
      await hydrated(page)
      await running.waitFor()
      await openTab(page, 'Environment')
    })

    it('shows a card with what the agent said, and the same slots in the panel', async () => {
      const { id } = await agent.ask(ASK)
      await look()
      await card(page, id).getByRole('heading', { name: 'Deploy agent asks for 3 values' }).waitFor()
      await card(page, id).getByText('I can deploy a preview.').waitFor()
      await card(page, id).getByText('0 of 3 answered').waitFor()
      await card(page, id).getByText('expires in 23 h').waitFor()
      await row(page, 'DEPLOY_TOKEN').getByText('Asked for by Deploy agent').waitFor()
      await row(page, 'DEPLOY_TOKEN').getByText('Only this session asks for it (not in the spec)').waitFor()
      const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map((element) => element.id))
      assert.equal(new Set(ids).size, ids.length, 'every id of the document is its own')

      // In the card: kept for later sessions unless switched off.
      await field(page, id, 'DEPLOY_REGION').fill('eu-central-1')
      await card(page, id).getByRole('button', { name: 'Save DEPLOY_REGION in the request' }).click()
      await outcome(page, id, 'DEPLOY_REGION', 'submitted')
      await asked(page, id, 'DEPLOY_REGION').getByText('Set for repository shop by Owner').waitFor()
      await hasStatus(page, 'DEPLOY_REGION', 'set')
      await card(page, id).getByText('1 of 3 answered').waitFor()
      await holds(session, server, '.env', /^DEPLOY_REGION=eu-central-1$/m)

      // In the panel: the card knows.
      await row(page, 'DEPLOY_TOKEN').getByRole('button', { name: 'Generate DEPLOY_TOKEN' }).click()
      await outcome(page, id, 'DEPLOY_TOKEN', 'submitted')
      await card(page, id).getByText('2 of 3 answered').waitFor()

      await card(page, id).getByRole('button', { name: 'Skip SENTRY_DSN in the request' }).click()
      await closed(page, id, 'answered')
      await outcome(page, id, 'SENTRY_DSN', 'skipped')
      await card(page, id).getByText('All answered').waitFor()
      assert.equal(await card(page, id).locator('form').count(), 0, 'a closed card has no form')
      const answer = await agent.request(id)
      assert.equal(answer.state, 'answered')
      assert.deepEqual(outcomes(answer), { DEPLOY_REGION: 'submitted', DEPLOY_TOKEN: 'submitted', SENTRY_DSN: 'skipped' })
      assert.ok(!JSON.stringify(answer).includes('eu-central-1'), 'the agent hears no value')
    })

    it('says what is set already and lets it be overridden', async () => {
      const { id } = await agent.ask({ keys: [{ key: 'DEPLOY_REGION', secret: false }, { key: 'PREVIEW_NAME', secret: false }] })
      await look()
      await outcome(page, id, 'DEPLOY_REGION', 'already_set')
      await asked(page, id, 'DEPLOY_REGION').getByText('Already set for repository shop by Owner').waitFor()
      await card(page, id).getByRole('button', { name: 'Override DEPLOY_REGION in the request' }).click()
      await field(page, id, 'DEPLOY_REGION').fill('us-east-1')
      await card(page, id).getByRole('button', { name: 'Save DEPLOY_REGION in the request' }).click()
      // Saved once the row is calm again.
      await field(page, id, 'DEPLOY_REGION').waitFor({ state: 'detached' })
      await holds(session, server, '.env', /^DEPLOY_REGION=us-east-1$/m)

      await card(page, id).getByText('Dismiss request').click()
      await card(page, id).getByRole('button', { name: 'Yes, dismiss it' }).click()
      await closed(page, id, 'cancelled')
      await outcome(page, id, 'PREVIEW_NAME', 'cancelled')
      assert.equal((await agent.request(id)).state, 'cancelled')
      // A key that nobody asks for is no slot.
      await row(page, 'PREVIEW_NAME').waitFor({ state: 'detached' })
    })

    it('keeps a value for this session alone until it is promoted, without typing it again', async () => {
      const { id } = await agent.ask({ keys: [{ key: 'TRIAL_KEY' }] })
      await look()
      await card(page, id).getByRole('switch', { name: /Save for future sessions/ }).uncheck()
      assert.ok(!(await card(page, id).getByLabel('Scope for TRIAL_KEY in the request').isVisible()))
      await field(page, id, 'TRIAL_KEY').fill('canary-trial')
      await card(page, id).getByRole('button', { name: 'Save TRIAL_KEY in the request' }).click()
      await closed(page, id, 'answered')
      await asked(page, id, 'TRIAL_KEY').getByText('Set for this session by Owner').waitFor()
      await row(page, 'TRIAL_KEY').getByText('from this session').waitFor()

      await row(page, 'TRIAL_KEY').getByText('Keep for future sessions').click()
      await row(page, 'TRIAL_KEY').getByLabel('Keep TRIAL_KEY for').selectOption({ label: 'Organization' })
      await row(page, 'TRIAL_KEY').getByRole('button', { name: 'Promote TRIAL_KEY' }).click()
      await row(page, 'TRIAL_KEY').getByText('from organization').waitFor()
      assert.equal(await row(page, 'TRIAL_KEY').getByText('Only this session asks for it').count(), 0)
      await holds(session, server, '.env', /^TRIAL_KEY=.?canary-trial.?$/m)
    })

    it('takes a note to the agent', async () => {
      await page.getByLabel('Note to the agent').fill('Please use the smallest machine.')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.locator('.thread-entry').getByText('Please use the smallest machine.').waitFor()
      assert.equal(await page.getByLabel('Note to the agent').inputValue(), '')
      assert.ok(JSON.stringify(await agent.notes()).includes('Please use the smallest machine.'))
    })

    it('ends the session after one question that names what ends with it', async () => {
      const { id } = await agent.ask({ keys: [{ key: 'LAST_KEY' }] })
      await look()
      await card(page, id).getByRole('switch').uncheck()
      await field(page, id, 'LAST_KEY').fill('canary-last')
      await card(page, id).getByRole('button', { name: 'Save LAST_KEY in the request' }).click()
      await closed(page, id, 'answered')
      await page.getByText('End session', { exact: true }).click()
      await page.locator('.session-head').getByText('LAST_KEY').waitFor()
      await page.getByRole('button', { name: 'Yes, end it' }).click()
      await page.locator('.session-head').getByText('Finished').waitFor()
      await lacks(session, server, '.env')
    })
  })
}

describe('two people and an agent in one session', () => {
  const stage = setStage()
  let server, one, two, session, agent
  const both = async (key) => Promise.all([hasStatus(one, key, 'set'), hasStatus(two, key, 'set')])
  before(async () => {
    const first = await stage.setup()
    ;({ server, page: one, session } = first)
    ;({ page: two } = await stage.beside(first.context, `${server.origin}/sessions/${session}?tab=environment`))
    agent = await agentOf(first.context, server, session)
  })

  const caret = (page) =>
    page.evaluate(() => {
      const { id, value, selectionStart } = document.activeElement
      return { id, value, selectionStart }
    })

  it('a card is answered with the keyboard alone, key by key', async () => {
    const { id } = await agent.ask(ASK)
    await field(one, id, 'DEPLOY_REGION').focus()
    await card(one, id).getByRole('button', { name: 'eu-central-1' }).press('Enter')
    // The keyboard is back in the field, with what was suggested in it, before the next key is pressed.
    await keyboard(one, (here) => here.matches('textarea') && here.value === 'eu-central-1')
    await one.keyboard.press('Enter')
    await keyboard(one, (here, key) => here.closest('[data-asked]')?.dataset.asked === key, 'DEPLOY_TOKEN')
    await one.keyboard.type('token-of-one')
    await one.keyboard.press('Enter')
    await keyboard(one, (here, key) => here.closest('[data-asked]')?.dataset.asked === key, 'SENTRY_DSN')
    await card(one, id).getByRole('button', { name: 'Skip SENTRY_DSN in the request' }).press('Enter')
    await keyboard(one, (here, done) => here.id === done, `request-state:${id}`)
    await Promise.all([closed(one, id, 'answered'), closed(two, id, 'answered')])
  })

  it('the keyboard moves on although the news of the last answer is still on its way', async () => {
    const { id } = await agent.ask({ keys: [{ key: 'FIRST_KEY' }, { key: 'SECOND_KEY' }, { key: 'LAST_KEY', required: false }] })
    await field(one, id, 'LAST_KEY').waitFor()
    const late = []
    await one.route('**/fn/get_requests', (route) => late.push(route))
    for (const [key, next] of [['FIRST_KEY', 'SECOND_KEY'], ['SECOND_KEY', 'LAST_KEY']]) {
      await field(one, id, key).fill('some-value')
      await one.keyboard.press('Enter')
      await keyboard(one, (here, key) => here.closest('[data-asked]')?.dataset.asked === key, next)
    }
    await card(one, id).getByText('0 of 3 answered').waitFor()
    await card(one, id).getByRole('button', { name: 'Skip LAST_KEY in the request' }).press('Enter')
    await keyboard(one, (here, done) => here.id === done, `request-state:${id}`)
    await Promise.all(late.map((route) => route.continue()))
    await one.unroute('**/fn/get_requests')
    await closed(one, id, 'answered')
  })

  it('nothing can be typed into a value that is on its way, for it would go with it', async () => {
    const { id } = await agent.ask({ keys: [{ key: 'SLOW_KEY' }] })
    const typing = field(one, id, 'SLOW_KEY')
    await typing.fill('whole-value')
    const held = []
    await one.route('**/fn/set_value', (route) => held.push(route))
    await one.keyboard.press('Enter')
    await until('it is being saved', () => typing.evaluate((element) => element.readOnly))
    await one.keyboard.type(' and more')
    assert.equal(await typing.inputValue(), 'whole-value')
    await Promise.all(held.map((route) => route.continue()))
    await one.unroute('**/fn/set_value')
    await closed(one, id, 'answered')
    await holds(session, server, '.env', /^SLOW_KEY=whole-value$/m)
  })

  it('who types while another saves keeps text, caret and focus, is told, and decides', async () => {
    const typing = row(one, 'STRIPE_SECRET_KEY').getByLabel('Value for STRIPE_SECRET_KEY', { exact: true })
    await typing.fill('sk_mine-half-typed')
    await one.keyboard.press('ArrowLeft')
    const before = await caret(one)
    await row(two, 'STRIPE_SECRET_KEY').getByLabel('Value for STRIPE_SECRET_KEY', { exact: true }).fill('sk_theirs')
    await two.keyboard.press('Enter')
    await both('STRIPE_SECRET_KEY')
    const question = row(one, 'STRIPE_SECRET_KEY').getByText('Owner just set this value for repository shop')
    await question.waitFor()
    assert.deepEqual(await caret(one), before)

    // Enter does not replace unasked; it leads to the question.
    await one.keyboard.press('Enter')
    await keyboard(one, (here) => here.textContent === 'Replace it with yours')
    await holds(session, server, '.env', /^STRIPE_SECRET_KEY=sk_theirs$/m)
    await one.keyboard.press('Enter')
    await question.waitFor({ state: 'detached' })
    await row(one, 'STRIPE_SECRET_KEY').locator('textarea').waitFor({ state: 'detached' })
    await holds(session, server, '.env', /^STRIPE_SECRET_KEY=sk_mine-half-typed$/m)
  })

  it('a save that did not see the newest value is refused, told and can be kept back', async () => {
    // The second page hears nothing any more, as on a bad line.
    await two.route('**/events/**', (route) => route.abort())
    await two.route('**/fn/get_environment', (route) => route.abort())
    await two.reload()
    await hydrated(two)
    await row(two, 'PUBLIC_NAME').getByLabel('Value for PUBLIC_NAME', { exact: true }).fill('late')
    await row(one, 'PUBLIC_NAME').getByLabel('Value for PUBLIC_NAME', { exact: true }).fill('early')
    await one.keyboard.press('Enter')
    await hasStatus(one, 'PUBLIC_NAME', 'set')
    await two.unroute('**/fn/get_environment')
    await row(two, 'PUBLIC_NAME').getByRole('button', { name: 'Save PUBLIC_NAME' }).click()
    await row(two, 'PUBLIC_NAME').getByText('Owner just set this value').waitFor()
    assert.equal(await row(two, 'PUBLIC_NAME').locator('textarea').inputValue(), 'late')
    await row(two, 'PUBLIC_NAME').getByRole('button', { name: 'Keep theirs: PUBLIC_NAME' }).click()
    await row(two, 'PUBLIC_NAME').locator('textarea').waitFor({ state: 'detached' })
    await holds(session, server, 'apps/web/.env.local', /^PUBLIC_NAME=early$/m)
    await two.unroute('**/events/**')
    await two.reload()
    await hydrated(two)
  })

  it('half-typed text survives a spec that moves its key, and one that drops it', async () => {
    const keys = (...names) => names.map((key) => ({ key }))
    const typing = row(one, 'PRIVATE_KEY').getByLabel('Value for PRIVATE_KEY', { exact: true })
    await typing.fill('half')
    const before = await caret(one)
    await agent.saveEnvFiles({ files: [{ path: 'apps/web/.env.local', keys: keys('NEW_KEY', 'PRIVATE_KEY', 'PUBLIC_NAME') }] })
    await row(one, 'NEW_KEY').waitFor()
    await keyboard(one, (here, id) => here.id === id, before.id)
    assert.deepEqual(await caret(one), before)

    await agent.saveEnvFiles({ files: [{ path: '.env', keys: keys('OTHER', 'PRIVATE_KEY') }] })
    await row(one, 'PRIVATE_KEY', 'apps/web/.env.local').getByText('What you typed is still here').waitFor()
    assert.deepEqual(await caret(one), before)
    await row(one, 'PRIVATE_KEY', 'apps/web/.env.local').getByRole('button', { name: 'Save it in .env' }).click()
    await hasStatus(one, 'PRIVATE_KEY', 'set', '.env')
    await row(one, 'PRIVATE_KEY', 'apps/web/.env.local').waitFor({ state: 'detached' })
    await holds(session, server, '.env', /^PRIVATE_KEY=half$/m)
  })

  it('half-typed text in a card survives the end of the request', async () => {
    const { id } = await agent.ask({ keys: [{ key: 'LATE_KEY' }, { key: 'OTHER_KEY' }] })
    await field(one, id, 'LATE_KEY').fill('half')
    await agent.cancel(id)
    await asked(one, id, 'LATE_KEY').getByText('What you typed is still here').waitFor()
    assert.equal(await field(one, id, 'LATE_KEY').inputValue(), 'half')
    await card(one, id).getByRole('button', { name: 'Dismiss LATE_KEY in the request' }).click()
    await outcome(one, id, 'LATE_KEY', 'cancelled')
    assert.equal(await card(one, id).locator('form').count(), 0)
  })
})
