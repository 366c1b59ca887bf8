import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/** BIZ UDPGothic for everything; Noto Sans JP for the characters it lacks, such as 𠮷. */
const FONTS = [
  '@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf',
  '@expo-google-fonts/biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf',
  '@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf',
  '@expo-google-fonts/noto-sans-jp/700Bold/NotoSansJP_700Bold.ttf',
];

/** Files of every font that documents may use. Fonts of the machine are not among them. */
export function fontFiles(): string[] {
  return FONTS.map((name) => resolve(name));
}

/** One file per family: its weights hold the same characters. */
export function coverageFonts(): string[] {
  return fontFiles().filter((path) => path.includes('400Regular'));
}
