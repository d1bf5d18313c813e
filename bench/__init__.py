"""Speed, measured: every figure beside a floor or a yardstick of the same run. `python -m bench`."""
