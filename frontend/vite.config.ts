import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const target = process.env.COLLOQUY_ADDRESS ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // amazon-cognito-identity-js uses Node's `buffer`, which needs `global`.
  define: { global: 'globalThis' },
  // Nothing is inlined, because the page's policy allows fonts only from its own origin.
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
    // A DOM takes a second per file. Test files that need one say so in their first line.
    environment: 'node',
    setupFiles: './src/test/setup.ts',
    testTimeout: 20_000,
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
});
