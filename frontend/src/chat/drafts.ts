import { readLocal, writeLocal } from '@/storage/local';

/** The storage key of a person's data. Keys with this prefix are deleted at sign-out. */
export const userKey = (userId: string, name: string) => `colloquy.mine.${userId}.${name}`;

const keyOf = (userId: string, place: string) => userKey(userId, `draft.${place}`);

/** Text that was typed and not sent; `place` is a conversation's id or `new`. */
export const readDraft = (userId: string, place: string) =>
  readLocal<string>(keyOf(userId, place), '');

export const writeDraft = (userId: string, place: string, text: string) =>
  writeLocal(keyOf(userId, place), text === '' ? null : text);
