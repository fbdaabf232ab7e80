"""The pages: fetch, ask the app below, render. One module for each thing people come to do."""
