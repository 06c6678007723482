/* The one thing that Dash's components take from the polyfill of 99 kB that it would load for them
 * (see UNUSED in northstar/static.py): stepping through a function that a compiler of old has cut
 * into the cases of a switch. Lazily loaded components, such as the charts, wait for one like that.
 */
"use strict";

window.regeneratorRuntime = window.regeneratorRuntime || {
  mark: (steps) => steps,

  /** What a generator would be: each `next` runs `step` up to its next `return`. */
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
        throw error; // no step that Dash has catches one
      },
    };
  },
};
