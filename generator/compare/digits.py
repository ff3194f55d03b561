"""Figures as certificates say them: three digits, and shares in hundredths."""


def three(value: float) -> str:
    said = float(f"{value:.3g}")
    return f"{said:,.0f}" if abs(said) >= 100 or said.is_integer() else f"{said:g}"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"
