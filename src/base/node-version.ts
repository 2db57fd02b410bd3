/**
 * The first import of every entry for Node.js: an older one would end somewhere inside, with a sentence about something else.
 * It comes too late for a name that `node:…` does not export there, which is why newer ones are taken from the default export.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19))
  throw new Error(`hongyan needs Node.js 22.19 or newer, and this is ${process.version}`);
