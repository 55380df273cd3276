"""Numbers printed in papers and lectures, each recomputed and compared with the printed one."""
