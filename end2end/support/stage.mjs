// What a story plays on: servers, projects, pages and sandboxes that go away with it.
import { after, afterEach } from 'node:test'
import { assertQuiet, hydrated, launch, openPage } from './browser.mjs'
import { makeProject } from './project.mjs'
import { connect, reloadUntil, signIn } from './road.mjs'
import { PATIENCE, watchElsewhere } from './sandbox.mjs'
import { removeRepository, startServer } from './server.mjs'

/**
 * Sets the stage of a describe. Whatever it made is undone after the last test, the last first, also when the set-up
 * failed half-way. After each test the consoles of all its pages must have stayed clean.
 */
export function setStage() {
  const [undo, opened] = [[], []]
  let browser
  const stage = {
    /** Has something done at the end, before everything that was made so far goes away. */
    later: (act) => void undo.push(act),

    project(folder = makeProject()) {
      stage.later(() => removeRepository(folder))
      return folder
    },

    /** The same options as `startServer`. */
    async server(options) {
      const server = await startServer(options)
      stage.later(async () => {
        await server.stop()
        // The data of a server like another one belongs to that one.
        if (!options?.like) server.remove()
      })
      return server
    },

    /** The same options as `openPage`, and how long to wait for anything on the page. */
    async open({ patience = PATIENCE, ...options } = {}) {
      if (!browser) {
        browser = await launch()
        stage.later(() => browser.close())
      }
      const one = await openPage(browser, options)
      one.context.setDefaultTimeout(patience)
      opened.push(one)
      return one
    },

    /** A page of somebody who came with the server's one-time link. */
    async signedIn(server, options) {
      const one = await stage.open(options)
      await signIn(one.page, server)
      if (isScripted(options)) await hydrated(one.page)
      return one
    },

    /** A page of whoever is signed in in a context, at an address, in a profile of its own. */
    async beside(context, address, options) {
      const one = await stage.open({ ...options, storageState: await context.storageState() })
      await one.page.goto(address)
      if (isScripted(options)) await hydrated(one.page)
      return one
    },

    /**
     * A page in a setup session that has scanned its project; answers `server`, `project` and `session` too. Without a
     * server there is a new one with the backend, and the project goes away too. The other options are `openPage`'s.
     */
    async setup({ backend, server, project = makeProject(), ...options } = {}) {
      stage.project(project)
      server ??= await stage.server({ backend })
      const one = await stage.signedIn(server, options)
      const session = await connect(one.page, project)
      const missing = one.page.locator('[data-slot][data-status="missing"]')
      // A page without scripts stays as it is: what comes after the scan must be on it already.
      const over = one.page.getByRole('button', { name: 'Finish setup' })
      await (isScripted(options) ? missing.first().waitFor() : reloadUntil(one.page, over))
      return { ...one, server, project, session }
    },

    /** A sandbox elsewhere; the same arguments as `watchElsewhere`. */
    sandbox(address, token, options) {
      const sandbox = watchElsewhere(address, token, options)
      stage.later(async () => {
        await sandbox.kill()
        sandbox.remove()
      })
      return sandbox
    },
  }
  afterEach(() => assertQuiet(opened.flatMap(({ complaints }) => complaints.splice(0))))
  after(async () => {
    const failures = []
    // What cannot be undone must not keep the rest from going away.
    while (undo.length) await Promise.resolve().then(undo.pop()).catch((error) => failures.push(error))
    if (failures.length) throw failures[0]
  })
  return stage
}

const isScripted = (options) => options?.javaScriptEnabled ?? true
