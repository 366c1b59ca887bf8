import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { projectRoot } from '../platform/project-root.js';

const ASSETS_PREFIX = '/assets/';
const publicDir = join(projectRoot, 'dist', 'public');

/** Addresses of the built assets; each carries the hash of its content, so it may be kept for ever. */
export interface AssetUrls {
  readonly stylesheet: string;
  readonly favicon: string;
  /** The part of each font weight that every page uses. */
  readonly preloadFonts: readonly string[];
}

/** Throws where the build has not written them. */
export function readAssetUrls(): AssetUrls {
  const path = join(publicDir, 'manifest.json');
  if (!existsSync(path)) throw new Error('dist/public/manifest.json is missing: run npm run build');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  const url = (name: string): string => {
    if (manifest[name] === undefined)
      throw new Error(`dist/public/manifest.json lacks ${name}: run npm run build`);
    return ASSETS_PREFIX + manifest[name];
  };
  return {
    stylesheet: url('app.css'),
    favicon: url('favicon.svg'),
    preloadFonts: [url('biz-udpgothic-400-core.woff2'), url('biz-udpgothic-700-core.woff2')],
  };
}

/** Serves dist/public below /assets/: no listing, no index, nothing outside the folder. */
export async function registerAssets(fastify: FastifyInstance): Promise<void> {
  await fastify.register(fastifyStatic, {
    root: publicDir,
    prefix: ASSETS_PREFIX,
    index: false,
    decorateReply: false,
    dotfiles: 'ignore',
    immutable: true,
    maxAge: '365d',
  });
}
