/* Let the other open pages of this dashboard know that this browser has to sign in, see
 * assets/80-history.js. The response that led here has deleted the cookie.
 */
new BroadcastChannel(`northstar ${new URL(".", location.href).pathname}`).postMessage("sign in");
