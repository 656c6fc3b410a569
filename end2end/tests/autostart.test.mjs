// Auto-start: commands are edited, run, watched, stopped and started again, with and without JavaScript.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { agentOf } from '../support/agent.mjs'
import { hydrated, keyboard } from '../support/browser.mjs'
import { fill, finishAnyway, goToWork, openTab, post, reloadUntil } from '../support/road.mjs'
import { until } from '../support/sandbox.mjs'
import { folderOf, makeRepository } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

const makeProject = () => makeRepository({ '.env.example': 'DATABASE_URL=\n' })
const SECRET = 'postgres://shop:s3cret@db/shop'
const run = (page, at, state) => page.locator(`[data-command="${at}"]${state ? `[data-state="${state}"]` : ''}`)
const output = (page, at) => page.getByRole('log', { name: `Output of command ${at + 1}` })
const line = (page, number) => page.getByRole('textbox', { name: `Command ${number}`, exact: true })
const lines = (page) => page.locator('.commands input[type="text"]').evaluateAll((all) => all.map((one) => one.value))
/** Whether a process runs that was called with this word: behind the wall its number is another one. */
const lives = (word) => {
  const called = (id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(word.trim())
    } catch {
      return false
    }
  }
  return word.trim() !== '' && readdirSync('/proc').filter((name) => /^\d+$/.test(name)).some(called)
}

for (const backend of ['sqlite', 'postgres']) {
  describe(`auto-start on ${backend}`, () => {
    const stage = setStage()
    let server, page, setup, work, folder
    before(async () => {
      ;({ server, page, session: setup } = await stage.setup({ backend, project: makeProject() }))
      await fill(page, 'DATABASE_URL', SECRET)
    })

    it('commands are typed, moved by keyboard, removed and saved', async () => {
      await openTab(page, 'Auto-start')
      await line(page, 1).fill("w=child-$(cat /proc/sys/kernel/random/uuid); sh -c 'sleep 300; :' $w & echo $w > child; cat .env; while :; do cat more 2>/dev/null && rm more; sleep 0.1; done")
      for (const [number, text] of [[2, 'echo to be removed'], [3, 'exit 3'], [4, 'cat .env; base64 .env']]) {
        await page.getByRole('button', { name: 'Add a command' }).click()
        await keyboard(page, (here) => here.matches('.command .input'))
        await line(page, number).fill(text)
      }
      const up = page.getByRole('button', { name: 'Move up: command 4' })
      await up.focus()
      await page.keyboard.press('Enter')
      await page.getByText('Now command 3 of 4. Save to keep it.').waitFor()
      assert.equal(await line(page, 3).inputValue(), 'cat .env; base64 .env')
      await keyboard(page, (here) => here.getAttribute('aria-label') === 'Move up: command 3')
      await page.getByRole('button', { name: 'Remove: command 2' }).click()
      await page.getByRole('button', { name: 'Save commands' }).click()
      await page.getByText('Saved. Work sessions that start from now on run them.').waitFor()
      assert.deepEqual((await lines(page)).slice(1, 3), ['cat .env; base64 .env', 'exit 3'])
    })

    it('run in a work session, in order, and what they print is live and without values', async () => {
      await page.getByRole('button', { name: 'Finish setup' }).click()
      work = await goToWork(page, setup)
      folder = folderOf(work, server)
      await hydrated(page)
      await openTab(page, 'Auto-start')
      await run(page, 0, 'running').waitFor()
      await output(page, 0).getByText('«secret DATABASE_URL»').waitFor()
      await run(page, 1, 'exited').waitFor()
      await run(page, 2, 'failed').getByText('Failed with status 3').waitFor()
      const printed = () => output(page, 1).textContent()
      await until('the value was printed in both shapes', async () => (await printed()).split('«secret DATABASE_URL»').length > 2)
      const text = (await printed()).replaceAll(/\s/g, '')
      for (const shape of ['s3cret', 'czNjcmV0', 'MzY3JldA', 'zM2NyZX', 'M2NyZX']) assert.ok(!text.includes(shape), text)
      await page.getByText('Auto-start command 3 failed with status 3.').waitFor()
    })

    it('output can be reached by keyboard and follows the end unless somebody scrolled up', async () => {
      const many = Array.from({ length: 300 }, (_, number) => `line ${number}`).join('\n')
      writeFileSync(join(folder, 'more'), `${many}\nthe first end\n`)
      await output(page, 0).getByText('the first end').waitFor()
      const atEnd = () => output(page, 0).evaluate((region) => Math.abs(region.scrollTop) < 2)
      assert.ok(await atEnd())
      await output(page, 0).focus()
      await page.keyboard.press('Home')
      await until('it was scrolled up', async () => !(await atEnd()))
      writeFileSync(join(folder, 'more'), 'the second end\n')
      await output(page, 0).getByText('the second end').waitFor()
      assert.ok(!(await atEnd()), 'nobody is dragged down')
    })

    it('are stopped and started again with all they started', async () => {
      const child = readFileSync(join(folder, 'child'), 'utf8')
      assert.ok(lives(child))
      await run(page, 0).getByRole('button', { name: 'Stop command 1' }).click()
      await run(page, 0, 'stopped').waitFor()
      assert.ok(!lives(child))
      await run(page, 0).getByRole('button', { name: 'Restart command 1' }).click()
      await run(page, 0, 'running').waitFor()
      await until('another child', () => {
        const other = readFileSync(join(folder, 'child'), 'utf8')
        return other !== child && lives(other)
      })
    })

    it('what somebody types outlives what others accept of an agent meanwhile', async () => {
      const agent = await agentOf(page.context(), server, work)
      const saved = async (command) => {
        const { proposal } = await agent.saveCommands([{ command }])
        await post(page.context(), server, 'accept_proposal', { session: work, proposal: proposal.id })
      }
      await line(page, 1).fill('npm run mine')
      await saved('npm run theirs')
      await page.getByText('Somebody else saved other commands meanwhile.').waitFor()
      assert.equal(await line(page, 1).inputValue(), 'npm run mine')
      await page.getByText('Accepted by Owner').waitFor()
      await page.getByRole('button', { name: 'Show theirs' }).click()
      assert.equal(await line(page, 1).inputValue(), 'npm run theirs')
      await saved('echo all anew')
      await until('untouched lines follow', async () => (await line(page, 1).inputValue()) === 'echo all anew')
    })

    it('all start anew from what is stored, and end with the session', async () => {
      const child = readFileSync(join(folder, 'child'), 'utf8')
      assert.ok(lives(child))
      await page.getByRole('button', { name: 'Restart all' }).click()
      await output(page, 0).getByText('all anew').waitFor()
      await run(page, 1).waitFor({ state: 'detached' })
      assert.ok(!lives(child))
      await page.getByText('End session', { exact: true }).click()
      await page.getByRole('button', { name: 'Yes, end it' }).click()
      await run(page, 0).waitFor({ state: 'detached' })
    })
  })
}

describe('auto-start without JavaScript', () => {
  const stage = setStage()

  it('is edited, read, stopped and started by plain forms, and ends with the server', async () => {
    const made = await stage.setup({ project: makeProject(), javaScriptEnabled: false })
    const { server, page } = made
    const tab = () => page.getByRole('link', { name: /^Auto-start/ }).click()
    // Behind the wall a process has another number, so it is known by a word of its own.
    const command = "w=first-$(cat /proc/sys/kernel/random/uuid); echo $w > first; echo one of the last lines; sh -c 'sleep 300; :' $w"
    await tab()
    await line(page, 1).fill('echo second; sleep 300')
    await line(page, 1).press('Enter')
    await tab()
    await line(page, 2).fill(command)
    await page.getByRole('button', { name: 'Move up: command 2' }).click()
    await tab()
    assert.equal(await line(page, 2).inputValue(), 'echo second; sleep 300')
    await page.getByRole('button', { name: 'Remove: command 2' }).click()
    await tab()
    assert.deepEqual(await lines(page), [command, ''])
    await finishAnyway(page)
    const work = await goToWork(page, made.session)
    await page.goto(`${server.origin}/sessions/${work}?tab=auto-start`)
    await reloadUntil(page, output(page, 0).getByText('one of the last lines'))
    await page.getByRole('button', { name: 'Stop command 1' }).click()
    await reloadUntil(page, run(page, 0, 'stopped'))
    await page.getByRole('button', { name: 'Restart command 1' }).click()
    await reloadUntil(page, run(page, 0, 'running'))
    const first = join(folderOf(work, server), 'first')
    await until('it runs again', () => existsSync(first) && lives(readFileSync(first, 'utf8')))
    const pid = readFileSync(first, 'utf8')
    await server.stop()
    assert.ok(!lives(pid), 'nothing outlives the server')
  })
})
