"""The regional groups of the United Nations, and the States in each.

Facts on which two sources agree for every State that both name: the lists of the groups' members, and the column
`Rgrp` of UPR Info's exports. Where the lists have a State in two groups (Armenia, Australia, Azerbaijan, New Zealand),
it is in the one that the exports give; a test compares both, where they are.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_MEMBERS: Final = MappingProxyType(
    {
        "AfricanGroup": (
            "AGO BDI BEN BFA BWA CAF CIV CMR COD COG COM CPV DJI DZA EGY ERI ETH GAB "
            "GHA GIN GMB GNB GNQ KEN LBR LBY LSO MAR MDG MLI MOZ MRT MUS MWI NAM NER "
            "NGA RWA SDN SEN SLE SOM SSD STP SWZ SYC TCD TGO TUN TZA UGA ZAF ZMB ZWE"
        ),
        "AsiaPacificGroup": (
            "AFG ARE BGD BHR BRN BTN CHN CYP FJI FSM IDN IND IRN IRQ JOR JPN KAZ KGZ "
            "KHM KIR KOR KWT LAO LBN LKA MDV MHL MMR MNG MYS NPL NRU OMN PAK PHL PLW "
            "PNG PRK QAT SAU SGP SLB SYR THA TJK TKM TLS TON TUV UZB VNM VUT WSM YEM"
        ),
        "EasternEuropeanGroup": (
            "ALB ARM AZE BGR BIH BLR CZE EST GEO HRV HUN LTU LVA MDA MKD MNE POL ROU RUS SRB SVK SVN UKR"
        ),
        "LatinAmericanAndCaribbeanGroup": (
            "ARG ATG BHS BLZ BOL BRA BRB CHL COL CRI CUB DMA DOM ECU GRD GTM GUY HND "
            "HTI JAM KNA LCA MEX NIC PAN PER PRY SLV SUR TTO URY VCT VEN"
        ),
        "WesternEuropeanAndOthersGroup": (
            "AND AUS AUT BEL CAN CHE DEU DNK ESP FIN FRA GBR GRC IRL ISL ISR ITA LIE "
            "LUX MCO MLT NLD NOR NZL PRT SMR SWE TUR USA"
        ),
    }
)

GROUPS: Final = MappingProxyType({code: group for group, codes in _MEMBERS.items() for code in codes.split()})
"""The group of each Member State by its code, as the ontology names it. The two observer States are in none.

The United States observes the Western European and Others Group, and counts as one of it in elections.
"""

UPR_INFO: Final = MappingProxyType(
    {
        "Africa": "AfricanGroup",
        "Asia": "AsiaPacificGroup",
        "EEG": "EasternEuropeanGroup",
        "GRULAC": "LatinAmericanAndCaribbeanGroup",
        "WEOG": "WesternEuropeanAndOthersGroup",
    }
)
"""The groups as UPR Info's exports call them; "Observer" is none."""
