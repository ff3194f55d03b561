"""Plans that cars are sold with, who keeps them, and what they switch on."""
