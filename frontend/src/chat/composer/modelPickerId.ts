export const MODEL_PICKER = 'model-picker';
