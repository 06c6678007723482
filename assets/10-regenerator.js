/* The only part of Dash's 99 kB polyfill that its components use (see UNUSED in
 * northstar/web/files/dash_app.py): it runs generator functions that an old compiler has turned into a
 * switch. Lazily loaded components, such as the charts, await one.
 */
"use strict";

window.regeneratorRuntime = window.regeneratorRuntime || {
  mark: (steps) => steps,

  /** An object like a generator: each `next` runs `step` up to its next `return`. */
  wrap(step, self) {
    const context = {
      prev: 0,
      next: 0,
      sent: undefined,
      done: false,
      stop() {
        context.done = true;
      },
    };
    return {
      next(sent) {
        context.sent = sent;
        const value = step.call(self, context);
        return { value, done: context.done };
      },
      throw(error) {
        throw error; // Dash has no step that catches one
      },
    };
  },
};
