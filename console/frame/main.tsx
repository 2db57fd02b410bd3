import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../parts/tokens.css';
import '../parts/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { Boundary } from '../parts/boundary.tsx';
import { LanguageProvider } from '../parts/language.tsx';
import { Router } from '../parts/router.tsx';
import { applyTheme } from '../parts/theme.ts';
import { Toasts } from '../parts/toast.tsx';
import { App } from './app.tsx';
import { queries } from './queries.ts';
import { fetchPage } from './routes.tsx';

applyTheme();
fetchPage(location.pathname);
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <LanguageProvider>
      <QueryClientProvider client={queries}>
        <Router>
          <Boundary>
            <App />
          </Boundary>
          <Toasts />
        </Router>
      </QueryClientProvider>
    </LanguageProvider>
  </StrictMode>,
);
