import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../parts/tokens.css';
import '../parts/base.css';
import { LanguageProvider } from '../parts/language.tsx';
import { Router } from '../parts/router.tsx';
import { applyTheme } from '../parts/theme.ts';
import { Toasts } from '../parts/toast.tsx';

applyTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <LanguageProvider>
      <Router>
        <Toasts />
      </Router>
    </LanguageProvider>
  </StrictMode>,
);
