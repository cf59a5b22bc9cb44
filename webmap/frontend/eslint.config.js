/** Names that do not exist or are not used, and what can only be a slip of the pen; how the code looks is no matter of this. */
import globals from 'globals';

export default [{
  files: ['src/**/*.js'],
  languageOptions: {
    globals: { ...globals.browser, ...globals.worker, MAPLIBRE_WORKER: 'readonly', MVT_WORKER: 'readonly' },
  },
  rules: {
    'no-undef': 'error',
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
    'no-unreachable': 'error',
    'no-dupe-keys': 'error',
    'no-self-assign': 'error',
  },
}];
