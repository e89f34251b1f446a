import { useQuery } from '@tanstack/react-query';
import { create } from 'zustand';
import { listTools } from '@/api/agents';
import { listModels } from '@/api/chat';
import { keys, queryClient } from '@/api/queries';
import type { Model } from '@/api/types';
import { config } from '@/app/config';
import { useSettings } from '@/settings/store';

const NO_MODELS: Model[] = [];
const NO_TOOLS: string[] = [];
const AN_HOUR_MS = 3_600_000;

export function useModels() {
  const query = useQuery({
    queryKey: keys.models,
    queryFn: ({ signal }) => listModels(signal),
    staleTime: AN_HOUR_MS,
  });
  return { models: query.data ?? NO_MODELS, failed: query.isError, loading: query.isPending };
}

const canUseTools = (model: Model | null) => model?.capabilities.tools === true;

/** Names of the tools that this model's answers may use, as far as they are known. */
export function useTools(model: Model | null): string[] {
  const query = useQuery({
    queryKey: keys.tools,
    queryFn: ({ signal }) => listTools(signal),
    staleTime: AN_HOUR_MS,
    enabled: canUseTools(model),
  });
  return (canUseTools(model) && query.data) || NO_TOOLS;
}

/** The models chosen in this visit, by conversation id; `new` is a chat without a conversation yet. */
const useModelChoices = create<{ picks: Record<string, string> }>()(() => ({ picks: {} }));

export function chooseModel(place: string, model: string): void {
  useModelChoices.setState(({ picks }) => ({ picks: { ...picks, [place]: model } }));
}

/** Moves the chosen model from the new chat to the conversation that it became. */
export function moveModelChoice(from: string, to: string): void {
  const { [from]: picked, ...rest } = useModelChoices.getState().picks;
  if (picked) useModelChoices.setState({ picks: { ...rest, [to]: picked } });
}

/** The model of the next message: chosen here, else the conversation's, the person's, the default. */
export function useChosenModel(
  place: string,
  ofConversation: string | null | undefined,
): Model | null {
  const { models } = useModels();
  const picked = useModelChoices(({ picks }) => picks[place]);
  const mine = useSettings((settings) => settings.defaultModel);
  const wanted = [picked, ofConversation, mine, config().default_model];
  for (const id of wanted) {
    const found = models.find((model) => model.id === id);
    if (found) return found;
  }
  return models.find((model) => model.default) ?? models[0] ?? null;
}

const OPTIONAL_REASONING = ['budget', 'adaptive'];

/** Whether this model reasons in an answer for which the reader did or did not ask for reasoning. */
export function willReason(modelId: string, isAsked: boolean): boolean {
  const models = queryClient.getQueryData<Model[]>(keys.models) ?? NO_MODELS;
  const model = models.find(({ id }) => id === modelId) ?? null;
  return model?.capabilities.reasoning === 'always' || (isAsked && canReason(model));
}

/** Whether the reader can switch reasoning on: some models never reason, some always do. */
export const canReason = (model: Model | null) =>
  model !== null && OPTIONAL_REASONING.includes(model.capabilities.reasoning);
