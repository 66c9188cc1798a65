# Seulement ce que le lycée dit autrement.

username = Identifiant du lycée
help-school = Passez à la vie scolaire, bâtiment B, pendant les récréations.
shared-computer = Au CDI ou en salle informatique, déconnectez-vous avant de partir.
shared-computer-close = Au CDI ou en salle informatique, fermez aussi le navigateur.
