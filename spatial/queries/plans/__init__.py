"""Plans of grids (网格规划) on record: what they are, what changes them, and what they would mean.

``record`` reads and writes a plan; ``operations`` carries out one operation, with its log in ``history``; ``lease``
says who may; ``states`` leads a plan from draft to approved; ``stock`` is what lies in a community, ``numbers`` what of
it lies in each face, ``judgement`` what the rules say of it; ``comparison`` holds it against what is in force;
``starting`` makes a new plan.
"""
