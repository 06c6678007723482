/* Write a text without ending a selection in it: what a viewer has selected stays selected, and what
 * is copied is what the page shows. */
"use strict";

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.northstarSelection = (() => {
  let ends = []; // the nodes in which the selection begins and ends; none if nothing is selected

  /** Whether a selection begins or ends in an element or a text. The browser is not asked each time:
   * it would compute the styles of the page for every text of a frame. */
  const hasEnd = (node) => ends.some((end) => node.contains(end));

  document.addEventListener("selectionchange", () => {
    const { anchorNode, focusNode, isCollapsed } = getSelection();
    ends = isCollapsed ? [] : [anchorNode, focusNode];
  });

  /** Where an end of a selection goes when its text changes: the end stays the end. */
  const moved = (at, length, now) => (at === length ? now : Math.min(at, now));

  /** Write a text into its node, and put the ends of the selection back. */
  function writeNode(node, text) {
    if (!hasEnd(node)) {
      node.data = text;
      return;
    }
    const selection = getSelection();
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
    const { length } = node;
    node.data = text;
    const end = (at, place) => [at, at === node ? moved(place, length, text.length) : place];
    selection.setBaseAndExtent(...end(anchorNode, anchorOffset), ...end(focusNode, focusOffset));
  }

  /** Write the only text of an element: into its node, if a selection begins or ends there or the text
   * is as long as before. Otherwise the node is a new one, because the browser counts a node as moved
   * whose text begins elsewhere, as a number at the right does when it has one digit more. */
  function writeText(element, text) {
    const node = element.firstChild;
    const isOnly = node?.nodeName === "#text" && node === element.lastChild;
    if (isOnly && (node.length === text.length || hasEnd(element))) writeNode(node, text);
    else element.textContent = text;
  }

  /** Whether something is selected in an element. */
  function isSelecting(element) {
    const selection = getSelection();
    return !selection.isCollapsed && element.contains(selection.anchorNode);
  }

  return { moved, writeNode, writeText, isSelecting };
})();
