import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { budget } from './budget.ts';
import { localesOf } from './locales.ts';

/** Two pages over shared sources: the console, served by `hongyan serve`, and the phone, served by `hongyan simulate`. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  plugins: [react(), localesOf(['zh-CN', 'en-US']), budget()],
  // The server puts a fresh one into each page it answers; React Aria reads it for its one <style>.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    manifest: true,
    // As old as light-dark() and popover are; what is older gets no console that looks broken, but no colours at all.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    // A data: address in a style would need an exception in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['console/console.html', 'console/phone.html'] },
  },
});
