"""Rebate programmes of makers, lenders and dealers, and what deals get of them."""
