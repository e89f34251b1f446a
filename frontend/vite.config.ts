import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const target = process.env.COLLOQUY_ADDRESS ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // amazon-cognito-identity-js brings Node's `buffer`, which looks for `global`.
  define: { global: 'globalThis' },
  // Nothing inlined: the page's policy takes fonts and pictures from its own origin only.
  build: {
    manifest: true,
    assetsInlineLimit: 0,
    sourcemap: false,
    chunkSizeWarningLimit: 900,
    target: 'es2022',
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': target, '/config.json': target, '/cognito': target },
  },
  test: {
    // A DOM costs a second a file: those that need one say so in their first line.
    environment: 'node',
    setupFiles: './src/test/setup.ts',
    testTimeout: 20_000,
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
});
