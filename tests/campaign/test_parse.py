"""A whole folder: every problem at once, each with its exact place and words."""
# ruff: noqa: E501

from __future__ import annotations

from typing import Final

import pytest
from pydantic import BaseModel

from kiosk.campaign.model import Agency, Campaign, Source
from kiosk.campaign.parse import Broken, Problem, parse_source
from kiosk.campaign.wording import _FORMS, problems_of
from kiosk.campaign.yaml_reader import read_yaml
from tests.campaign import samples

TEXTS: Final = {"campaign": samples.CAMPAIGN_YAML, "le_mans": samples.LE_MANS_YAML}

# Which file, what is replaced in it, by what, and all the problems this makes.
BROKEN: Final = (
    (
        "campaign",
        "quote:",
        "qote:",
        ('campaign.yaml:20:5: unknown key "qote"; did you mean "quote"?',),
    ),
    (
        "campaign",
        '    quote: "Dix ans dans la même famille : la confiance, ça se construit."\n',
        "",
        ('campaign.yaml:11:5: the key "quote" is missing; add it',),
    ),
    (
        "campaign",
        'quote: "Dix ans dans la même famille : la confiance, ça se construit."',
        "quote:",
        ("campaign.yaml:20:5: quote: is empty; write a value or delete the line",),
    ),
    (
        "campaign",
        'quote: "Dix ans dans la même famille : la confiance, ça se construit."',
        'quote: "Dix ans dans la même famille : la confiance, ça se construit."\n    quote: Encore',
        ('campaign.yaml:21:5: the key "quote" is already on line 20; keep one',),
    ),
    (
        "campaign",
        "    first_name:",
        "    first-name:",
        ('campaign.yaml:17:5: unknown key "first-name"; did you mean "first_name"?',),
    ),
    (
        "campaign",
        "weight: 2",
        "hold: 30",
        ('campaign.yaml:25:5: unknown key "hold"; did you mean "hold_s"?',),
    ),
    (
        "campaign",
        "weight: 2",
        "hauteur:",
        (
            'campaign.yaml:25:5: unknown key "hauteur"; the keys here are: id, audience, link, valid, show, agencies, weight, hold_s, illustration, focus, kind, service, first_name, role, about, quote, rights, picture',
        ),
    ),
    (
        "campaign",
        "weight: 2",
        "couleur: rouge",
        (
            'campaign.yaml:25:5: unknown key "couleur"; the keys here are: id, audience, link, valid, show, agencies, weight, hold_s, illustration, focus, kind, service, first_name, role, about, quote, rights, picture',
        ),
    ),
    (
        "campaign",
        "hosts:",
        "host:",
        ('campaign.yaml:7:3: unknown key "host"; did you mean "hosts"?',),
    ),
    (
        "campaign",
        "  hosts: [o2.example]\n",
        "",
        ('campaign.yaml:7:3: the key "hosts" is missing; add it',),
    ),
    (
        "campaign",
        "links:",
        "lnks:",
        ('campaign.yaml:6:1: unknown key "lnks"; did you mean "links"?',),
    ),
    (
        "campaign",
        "from: 2026-09-01",
        "form: 2026-09-01",
        ('campaign.yaml:3:9: unknown key "form"; did you mean "from"?',),
    ),
    (
        "campaign",
        "title: De vrais visages\n",
        "title: De vrais visages\n1: un\nno: non\n? [a]\n: b\n: c\n",
        (
            'campaign.yaml:3:1: a key must be text: put it in quotes: "1"',
            'campaign.yaml:4:1: a key must be text: put it in quotes: "no"',
            "campaign.yaml:5:3: a key must be a word; put a text that begins with [ or { in quotes",
            "campaign.yaml:7:1: this line is not in line with those above it; check its indentation",
        ),
    ),
    (
        "campaign",
        "{name: O2,",
        "{<<: {name: O2},",
        ('campaign.yaml:5:9: merge keys ("<<") are not used here; write the keys out',),
    ),
    (
        "campaign",
        "kind: portrait",
        "kind: portait",
        (
            'campaign.yaml:12:11: kind: must be one of portrait, video, poster, figure, programme, agency, jobs; did you mean "portrait"?',
        ),
    ),
    (
        "campaign",
        "    kind: portrait\n",
        "",
        ('campaign.yaml:11:5: the key "kind" is missing; add it',),
    ),
    (
        "campaign",
        "kind: portrait",
        "knid: portrait",
        ('campaign.yaml:12:5: unknown key "knid"; did you mean "kind"?',),
    ),
    (
        "campaign",
        "kind: portrait",
        "kind:",
        ("campaign.yaml:12:5: kind: is empty; write a value or delete the line",),
    ),
    (
        "campaign",
        "kind: portrait",
        "kind: yes",
        (
            "campaign.yaml:12:11: kind: must be one of portrait, video, poster, figure, programme, agency, jobs",
        ),
    ),
    (
        "campaign",
        "kind: portrait",
        "kind: [portrait]",
        (
            "campaign.yaml:12:11: kind: must be one of portrait, video, poster, figure, programme, agency, jobs",
        ),
    ),
    (
        "campaign",
        "service: menage",
        "service: ménages",
        (
            'campaign.yaml:14:14: service: must be one of menage, garde-enfants, seniors, jardinage; did you mean "menage"?',
        ),
    ),
    (
        "campaign",
        "service: menage",
        "service: cuisine",
        ("campaign.yaml:14:14: service: must be one of menage, garde-enfants, seniors, jardinage",),
    ),
    (
        "campaign",
        "audience: families",
        "audience: 5",
        ("campaign.yaml:13:15: audience: must be one of families, candidates",),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: 2026",
        ('campaign.yaml:2:8: title: must be text: put it in quotes: "2026"',),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: 22:00",
        ('campaign.yaml:2:8: title: must be text: put it in quotes: "22:00"',),
    ),
    (
        "campaign",
        "first_name: Claire",
        "first_name: Yes",
        ('campaign.yaml:17:17: first_name: must be text: put it in quotes: "Yes"',),
    ),
    (
        "campaign",
        'dated: "2025"',
        "dated: 2025-06-30",
        ('campaign.yaml:37:12: dated: must be text: put it in quotes: "2025-06-30"',),
    ),
    (
        "campaign",
        'dated: "2025"',
        "dated: 3.10",
        ('campaign.yaml:37:12: dated: must be text: put it in quotes: "3.10"',),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: [De vrais visages]",
        (
            'campaign.yaml:2:8: title: must be text, not a list; put a text that begins with "[" or "-" in quotes',
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: {De vrais: visages}",
        (
            'campaign.yaml:2:8: title: must be text; put a text that holds ": " or begins with "{" in quotes',
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: ~",
        ("campaign.yaml:2:1: title: is empty; write a value or delete the line",),
    ),
    (
        "campaign",
        "title: De vrais visages",
        'title: ""',
        ("campaign.yaml:2:8: title: is empty; write a value or delete the line",),
    ),
    (
        "campaign",
        "title: De vrais visages",
        'title: "\\0"',
        (
            "campaign.yaml:2:8: a backslash makes the invisible character U+0000; use single quotes instead",
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ("campaign.yaml:2:8: title: is 95 characters long; at most 80 fit: shorten it",),
    ),
    (
        "campaign",
        "picture: portraits/claire.jpg",
        "picture: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.jpg",
        ("campaign.yaml:15:14: picture: is 174 characters long; at most 160 fit: shorten it",),
    ),
    (
        "campaign",
        "points: [Des horaires choisis, Un référent en agence]",
        "points: [a, b, c, d]",
        ("campaign.yaml:42:13: points: holds 4 values; at most 3 fit: delete some",),
    ),
    (
        "campaign",
        "campaign: vrais-visages",
        "campaign: Vrais Visages",
        (
            "campaign.yaml:1:11: campaign: must be 1 to 32 lower-case letters, digits and hyphens, with no hyphen at either end",
        ),
    ),
    (
        "campaign",
        'accent: "#005CA9"',
        "accent: blue",
        (
            'campaign.yaml:5:27: accent: must be a colour, "#" and six digits or letters A to F, such as "#005CA9"',
        ),
    ),
    (
        "campaign",
        '{name: O2, accent: "#005CA9", ink: "#1D1D1B", paper: "#F7F5F0"}',
        "\n  name: O2\n  accent: #005CA9",
        ('campaign.yaml:7:3: accent: is empty, for "#" begins a comment; put the value in quotes',),
    ),
    (
        "campaign",
        "first_name: Claire",
        "first_name: Claire Marie Dupont",
        ("campaign.yaml:17:17: first_name: must be a first name only (no family name, no number)",),
    ),
    (
        "campaign",
        "families: 60",
        'families: "60"',
        ("campaign.yaml:4:17: families: must be a whole number, without quotes or unit",),
    ),
    (
        "campaign",
        "families: 60",
        "families: 60 %",
        ("campaign.yaml:4:17: families: must be a whole number, without quotes or unit",),
    ),
    (
        "campaign",
        "families: 60",
        "families: -1",
        ("campaign.yaml:4:17: families: must be at least 0",),
    ),
    (
        "campaign",
        "families: 60",
        "families: 1001",
        ("campaign.yaml:4:17: families: must be at most 1000",),
    ),
    (
        "campaign",
        "families: 60, candidates: 40",
        "families: 0, candidates: 0",
        ("campaign.yaml:4:6: mix: gives nobody a share; give at least one audience more than 0",),
    ),
    (
        "campaign",
        "weight: 2",
        'illustration: "oui"',
        ("campaign.yaml:25:19: illustration: must be true or false, without quotes",),
    ),
    (
        "campaign",
        "focus: [0.5, 0.35]",
        "focus: [0.5]",
        ("campaign.yaml:16:12: focus: has too few values (1); write all of them",),
    ),
    (
        "campaign",
        "focus: [0.5, 0.35]",
        "focus: [1, 2, 3]",
        ("campaign.yaml:16:12: focus: holds 3 values; at most 2 fit: delete some",),
    ),
    (
        "campaign",
        "focus: [0.5, 0.35]",
        "focus: 0.5",
        ("campaign.yaml:16:12: focus: must be a list: write [0.5]",),
    ),
    (
        "campaign",
        "focus: [0.5, 0.35]",
        'focus: ["0,5", 1.5]',
        (
            "campaign.yaml:16:13: focus, item 1: must be a number; write it with a point: 0.5",
            "campaign.yaml:16:20: focus, item 2: must be at most 1",
        ),
    ),
    (
        "campaign",
        "focus: [0.5, 0.35]",
        "focus: [.nan, milieu]",
        (
            "campaign.yaml:16:13: focus, item 1: must be at most 1",
            "campaign.yaml:16:19: focus, item 2: must be a number, without quotes or unit",
        ),
    ),
    (
        "campaign",
        "from: 2026-09-01",
        'from: "2026-09-01"',
        ("campaign.yaml:3:15: from: must be a day: write 2026-09-01 without quotes",),
    ),
    (
        "campaign",
        "from: 2026-09-01",
        "from: 01/09/2026",
        ("campaign.yaml:3:15: from: must be a day written year-month-day, such as 2026-09-01",),
    ),
    (
        "campaign",
        "from: 2026-09-01",
        "from: 2026-02-30",
        ("campaign.yaml:3:15: from: must be a day of the calendar; there is no 2026-02-30",),
    ),
    (
        "campaign",
        "from: 2026-09-01",
        "from: 2026-09-01 10:00:00",
        ("campaign.yaml:3:15: from: must be a day without an hour: write 2026-09-01",),
    ),
    (
        "campaign",
        "from: 2026-09-01",
        "from: 2028-09-01",
        ("campaign.yaml:3:8: valid: until (2027-01-31) is before from (2028-09-01); swap them",),
    ),
    (
        "campaign",
        "hosts: [o2.example]",
        "hosts: o2.example",
        ("campaign.yaml:7:10: hosts: must be a list: write [o2.example]",),
    ),
    (
        "campaign",
        "hosts: [o2.example]",
        "hosts: []",
        ("campaign.yaml:7:10: hosts: is empty; give at least one",),
    ),
    (
        "campaign",
        "hosts: [o2.example]",
        "hosts: {a: b}",
        ('campaign.yaml:7:10: hosts: must be a list; begin each item with "- "',),
    ),
    (
        "campaign",
        "hosts: [o2.example]",
        "hosts: [o2.example, 5]",
        ('campaign.yaml:7:23: hosts, item 2: must be text: put it in quotes: "5"',),
    ),
    (
        "campaign",
        '{name: O2, accent: "#005CA9", ink: "#1D1D1B", paper: "#F7F5F0"}',
        "O2",
        ("campaign.yaml:5:8: brand: must be a group of keys: name, accent, ink, paper",),
    ),
    (
        "campaign",
        "agencies: [le-mans, nantes]",
        "agencies: le-mans",
        ("campaign.yaml:24:15: agencies: must be a list: write [le-mans]",),
    ),
    (
        "campaign",
        "  - id: am2\n",
        "  - texte\n  -\n  - id: am2\n",
        (
            "campaign.yaml:26:5: scenes, item 2: must be a group of keys: id, audience, link, valid, show, agencies, weight, hold_s, …",
            "campaign.yaml:27:4: scenes, item 3: is empty; write a value or delete the line",
        ),
    ),
    (
        "campaign",
        "{landscape: posters/equipe.jpg, portrait: posters/equipe-haut.jpg}",
        "posters/equipe.gif",
        ("campaign.yaml:29:14: picture: must be a picture: .jpg, .jpeg, .png, .webp, .svg",),
    ),
    (
        "campaign",
        "{landscape: posters/equipe.jpg, portrait: posters/equipe-haut.jpg}",
        "{}",
        ("campaign.yaml:29:14: picture: needs at least one of landscape, portrait, square",),
    ),
    (
        "campaign",
        "{landscape: posters/equipe.jpg, portrait: posters/equipe-haut.jpg}",
        "5",
        ("campaign.yaml:29:14: picture: must be a group of keys: landscape, portrait, square",),
    ),
    (
        "campaign",
        "{landscape: posters/equipe.jpg, portrait: posters/equipe-haut.jpg}",
        "{paysage: a.jpg}",
        (
            'campaign.yaml:29:15: unknown key "paysage"; the keys here are: landscape, portrait, square',
        ),
    ),
    (
        "campaign",
        "picture: portraits/claire.jpg",
        "picture: ../claire.jpg",
        (
            "campaign.yaml:15:14: picture: must be a path inside the campaign folder, such as portraits/claire.jpg",
        ),
    ),
    (
        "campaign",
        'show: "Mo-Sa 08:00-20:00"',
        "show: lundi",
        (
            'campaign.yaml:23:11: show: is not an OSM opening_hours expression; write for example "Mo-Sa 08:00-20:00"',
        ),
    ),
    (
        "campaign",
        'show: "Mo-Sa 08:00-20:00"',
        'show: "Mo 25:00"',
        (
            'campaign.yaml:23:11: show: is not an OSM opening_hours expression; write for example "Mo-Sa 08:00-20:00"',
        ),
    ),
    (
        "campaign",
        "link: booking",
        "link: boking",
        ('campaign.yaml:21:11: link: there is no link "boking"; did you mean "booking"?',),
    ),
    (
        "campaign",
        "link: booking",
        "link: zzz",
        ('campaign.yaml:21:11: link: there is no link "zzz"; the links are: booking, jobs',),
    ),
    (
        "campaign",
        "agencies: [le-mans, nantes]",
        "agencies: [lemans, paris]",
        (
            'campaign.yaml:24:16: agencies: there is no agency "lemans"; did you mean "le-mans"?',
            'campaign.yaml:24:24: agencies: there is no agency "paris"; write the file agencies/paris.yaml',
        ),
    ),
    (
        "campaign",
        "id: am2",
        "id: am1",
        (
            'campaign.yaml:26:9: id: "am1" is already the id of the scene on line 11; choose another',
        ),
    ),
    (
        "campaign",
        "hosts: [o2.example]",
        'hosts: [O2.example, "https://o2.example/", 1.2.3.4, localhost, o2.example]',
        (
            'campaign.yaml:7:11: hosts: "O2.example" is not a host name; write only the host, in lower case, such as o2.example',
            'campaign.yaml:7:23: hosts: "https://o2.example/" is not a host name; write only the host, in lower case, such as o2.example',
            'campaign.yaml:7:46: hosts: "1.2.3.4" is not a host name; write only the host, in lower case, such as o2.example',
            'campaign.yaml:7:55: hosts: "localhost" is not a host name; write only the host, in lower case, such as o2.example',
        ),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "http://o2.example/r/{agency}/{scene}",
        ('campaign.yaml:8:17: to: must begin with "https://"',),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "o2.example/{scene}",
        ('campaign.yaml:8:17: to: must begin with "https://"',),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "https://o2.exampel/r/{scene}",
        (
            'campaign.yaml:8:17: to: the host "o2.exampel" is not among the hosts of the links; did you mean "o2.example"?',
        ),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "https://ailleurs.fr/{scene}",
        (
            'campaign.yaml:8:17: to: the host "ailleurs.fr" is not among the hosts of the links; add it there if it is ours',
        ),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "https://{agency}.o2.example/",
        (
            'campaign.yaml:8:17: to: the host "{agency}.o2.example" is not among the hosts of the links; did you mean "o2.example"?',
        ),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "https://u:p@o2.example:443/R/{agence}?utm_source=x#frag",
        (
            'campaign.yaml:8:17: to: "{agence}" stands for nothing; did you mean "agency"?',
            "campaign.yaml:8:17: to: must be in lower case: some phones do not open addresses in capitals",
            'campaign.yaml:8:17: to: must hold no "#"; delete it and what follows',
            'campaign.yaml:8:17: to: must hold no "utm_" parameter; the site adds it when it redirects the short link',
            'campaign.yaml:8:17: to: must hold no name or password; delete "u:p@"',
            'campaign.yaml:8:17: to: must hold no port; delete ":443"',
        ),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "https://o2.example/r/{agency}{scene",
        ('campaign.yaml:8:17: to: a "{" or "}" has no partner; write for example {scene}',),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "https://o2.example/{zone}",
        ('campaign.yaml:8:17: to: "{zone}" stands for nothing; there are agency, scene, audience',),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "https://o2.example/r é",
        ('campaign.yaml:8:17: to: holds " ", which no address can hold; delete or encode it',),
    ),
    (
        "campaign",
        "https://o2.example/r/{agency}/{scene}",
        "https://o2.example/r/a-long-way-to-the-end/{agency}/{scene}",
        (
            "campaign.yaml:8:17: to: the code's address is 49 characters; at most 42 fit a code that can be scanned: shorten the link, the agency's code or the scene's id (https://o2.example/r/a-long-way-to-the-end/lm/am1)",
        ),
    ),
    (
        "campaign",
        'quote: "Dix ans',
        "quote: Dix ans",
        ('campaign.yaml:20:41: a text that holds ": " must be in quotes',),
    ),
    (
        "campaign",
        "    role: intervenant",
        "\trole: intervenant",
        ("campaign.yaml:18:1: a tab stands here; use spaces",),
    ),
    (
        "campaign",
        "about: Aide",
        "about:Aide",
        ('campaign.yaml:19:5: a ":" and a space are missing after this key',),
    ),
    (
        "campaign",
        "about: Aide-ménagère",
        'about: "Aide-ménagère',
        (
            "campaign.yaml:20:13: nothing may follow here; put the whole text in the other quotes, or close one left open above",
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        'title: "De "vrais" visages"',
        (
            "campaign.yaml:2:13: nothing may follow here; put the whole text in the other quotes, or close one left open above",
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: 'L'équipe'",
        (
            "campaign.yaml:2:11: nothing may follow here; put the whole text in the other quotes, or close one left open above",
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        'title: "O2\\Rennes"',
        (
            "campaign.yaml:2:11: a backslash has a special meaning between double quotes; use single quotes instead",
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: @O2",
        ('campaign.yaml:2:8: a text that begins with "@" must be in quotes',),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: *De vrais*",
        (
            'campaign.yaml:2:8: the alias "*De" is not defined above; write the value out',
            "campaign.yaml:2:12: nothing may follow here; put the whole text in the other quotes, or close one left open above",
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: **De vrais**",
        ('campaign.yaml:2:8: a text that begins with "*" must be in quotes',),
    ),
    (
        "campaign",
        "title: De vrais visages\n",
        "title: &t De vrais visages\nvalid: *u\n",
        (
            'campaign.yaml:3:8: the alias "*u" is not defined above; write the value out',
            'campaign.yaml:4:1: the key "valid" is already on line 3; keep one',
        ),
    ),
    (
        "campaign",
        "title: De vrais visages\n",
        "title: &t [*t]\n",
        (
            'campaign.yaml:2:8: title: must be text, not a list; put a text that begins with "[" or "-" in quotes',
            'campaign.yaml:2:12: the alias "*t" stands inside itself; write the value out',
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: !Oui",
        ('campaign.yaml:2:8: the tag "!Oui" is not used here; delete it',),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: !!python/name:os.system",
        ('campaign.yaml:2:8: the tag "!!python/name:os.system" is not used here; delete it',),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: - De vrais",
        (
            'campaign.yaml:2:8: a list item must begin on its own line; put a text that begins with "-" in quotes',
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: | De",
        (
            'campaign.yaml:2:8: after "|" the text starts on the next line; put a text that begins with it in quotes',
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: , De",
        ("campaign.yaml:2:8: a value is missing before this place, or its text must be in quotes",),
    ),
    (
        "campaign",
        "hosts: [o2.example]",
        "hosts: [o2.example",
        ('campaign.yaml:8:10: a "," or "]" is missing before this place, after the "[" of line 7',),
    ),
    (
        "campaign",
        'to: "https://o2.example/r/{agency}/{scene}"',
        "to: https://o2.example/r/{agency}/{scene}",
        (
            'campaign.yaml:8:38: a "," or "}" is missing before this place, after the "{" of line 8; texts that hold one of { } [ ] , : must be in quotes',
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "  title: De vrais visages",
        (
            'campaign.yaml:2:8: this key does not belong here; check its indentation, and the ":" and space of the line above',
        ),
    ),
    (
        "campaign",
        "    audience: families",
        "   audience: families",
        (
            "campaign.yaml:13:4: this line is not in line with those above it; check its indentation",
        ),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title",
        ('campaign.yaml:2:1: a ":" and a space are missing after this key',),
    ),
    (
        "campaign",
        "scenes:\n",
        "---\nscenes:\n",
        ('campaign.yaml:10:1: a second document starts here; delete the line "---" or the rest',),
    ),
    (
        "campaign",
        "title: De vrais visages",
        "title: De\u2028vrais",
        ("campaign.yaml:2:10: holds the invisible character U+2028; delete it",),
    ),
    (
        "le_mans",
        'postal_code: "72000"',
        "postal_code: 72000",
        ('agencies/le-mans.yaml:4:50: postal_code: must be text: put it in quotes: "72000"',),
    ),
    (
        "le_mans",
        'postal_code: "72000"',
        "postal_code: 01000",
        ('agencies/le-mans.yaml:4:50: postal_code: must be text: put it in quotes: "01000"',),
    ),
    (
        "le_mans",
        'postal_code: "72000"',
        'postal_code: "7200"',
        ('agencies/le-mans.yaml:4:50: postal_code: must be five digits, such as "72000"',),
    ),
    (
        "le_mans",
        'phone: "+33199000001"',
        "phone: +33199000001",
        ('agencies/le-mans.yaml:5:8: phone: must be text: put it in quotes: "+33199000001"',),
    ),
    (
        "le_mans",
        'phone: "+33199000001"',
        'phone: "01 99 00 00 01"',
        (
            'agencies/le-mans.yaml:5:8: phone: must be "+" and 8 to 15 digits without spaces, such as "+33199000001"',
        ),
    ),
    (
        "le_mans",
        "agency: le-mans",
        "agency: lemans",
        (
            'agencies/le-mans.yaml:1:9: agency: "lemans" is not the file\'s name; write le-mans, or rename the file to lemans.yaml',
        ),
    ),
    (
        "le_mans",
        "code: lm",
        "code: nt",
        (
            'agencies/nantes.yaml:2:7: code: "nt" is already the code of agencies/le-mans.yaml; choose another',
        ),
    ),
    (
        "le_mans",
        "code: lm",
        "code: LM",
        ("agencies/le-mans.yaml:2:7: code: must be 1 to 6 lower-case letters and digits",),
    ),
    (
        "le_mans",
        "timezone: Europe/Paris",
        "timezone: Paris",
        (
            "agencies/le-mans.yaml:6:11: timezone: is not a time zone; write for example Europe/Paris",
        ),
    ),
    (
        "le_mans",
        "diagonal_in: 43",
        "diagonal_in: 43,5",
        (
            'agencies/le-mans.yaml:9:29: "5" has no ":"; if it belongs to the text before it, put the whole in quotes (a number takes a point, not a comma)',
        ),
    ),
    (
        "le_mans",
        "diagonal_in: 43",
        'diagonal_in: "43,5"',
        ("agencies/le-mans.yaml:9:26: diagonal_in: must be a number; write it with a point: 43.5",),
    ),
    (
        "le_mans",
        "diagonal_in: 43",
        "diagonal_in: 43 pouces",
        ("agencies/le-mans.yaml:9:26: diagonal_in: must be a number, without quotes or unit",),
    ),
    (
        "le_mans",
        "diagonal_in: 43",
        "diagonal_in: 5",
        ("agencies/le-mans.yaml:9:26: diagonal_in: must be at least 7",),
    ),
    (
        "le_mans",
        "diagonal_in: 43",
        "diagonal_in: .inf",
        ("agencies/le-mans.yaml:9:26: diagonal_in: must be at most 200",),
    ),
    (
        "le_mans",
        "  vitrine:",
        "  Vitrine 1:",
        (
            "agencies/le-mans.yaml:9:3: Vitrine 1: must be 1 to 32 lower-case letters, digits and hyphens, with no hyphen at either end",
        ),
    ),
    (
        "le_mans",
        "orientation: portrait",
        "orientation: portrat",
        (
            'agencies/le-mans.yaml:9:43: orientation: must be one of landscape, portrait, square; did you mean "portrait"?',
        ),
    ),
    (
        "le_mans",
        "orientation: portrait",
        "rotation: 45",
        ("agencies/le-mans.yaml:9:40: rotation: must be one of 0, 90, 180, 270",),
    ),
    (
        "le_mans",
        "orientation: portrait",
        "resolution: 1920",
        (
            "agencies/le-mans.yaml:9:42: resolution: must be width x height in pixels, such as 1920x1080",
        ),
    ),
    (
        "le_mans",
        "orientation: portrait",
        "resolution: 100x99999",
        (
            "agencies/le-mans.yaml:9:42: resolution: must be at least 320",
            "agencies/le-mans.yaml:9:42: resolution: must be at most 16384",
        ),
    ),
    (
        "le_mans",
        "orientation: portrait",
        "resolution: [1920]",
        ("agencies/le-mans.yaml:9:42: resolution: has too few values (1); write all of them",),
    ),
    (
        "le_mans",
        "orientation: portrait",
        "orientation: square",
        (
            "agencies/le-mans.yaml:9:12: vitrine: orientation square does not fit resolution 1920x1080; a square screen is as wide as it is high, the others are not",
        ),
    ),
    (
        "le_mans",
        "screens:\n  vitrine: {diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}",
        "screens: {}",
        ("agencies/le-mans.yaml:8:10: screens: is empty; give at least one",),
    ),
    (
        "le_mans",
        "screens:\n  vitrine: {diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}",
        "screens: [a]",
        ("agencies/le-mans.yaml:8:10: screens: must be a group of names",),
    ),
    (
        "le_mans",
        "{diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}",
        "",
        ("agencies/le-mans.yaml:9:3: vitrine: is empty; write a value or delete the line",),
    ),
    (
        "le_mans",
        'agency: le-mans\ncode: lm\nname: O2 Le Mans\naddress: {street: 1 rue de la Paix, postal_code: "72000", city: Le Mans}\nphone: "+33199000001"\ntimezone: Europe/Paris\nopening_hours: "Mo-Fr 09:00-12:30,14:00-18:30; PH off"\nscreens:\n  vitrine: {diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}\n',
        "- a\n",
        (
            "agencies/le-mans.yaml:1:1: must be a group of keys: agency, code, name, address, phone, timezone, opening_hours, dark_hours, …",
        ),
    ),
    (
        "le_mans",
        'agency: le-mans\ncode: lm\nname: O2 Le Mans\naddress: {street: 1 rue de la Paix, postal_code: "72000", city: Le Mans}\nphone: "+33199000001"\ntimezone: Europe/Paris\nopening_hours: "Mo-Fr 09:00-12:30,14:00-18:30; PH off"\nscreens:\n  vitrine: {diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}\n',
        "null\n",
        ("agencies/le-mans.yaml:1:1: is empty; write a value or delete the line",),
    ),
    (
        "le_mans",
        'agency: le-mans\ncode: lm\nname: O2 Le Mans\naddress: {street: 1 rue de la Paix, postal_code: "72000", city: Le Mans}\nphone: "+33199000001"\ntimezone: Europe/Paris\nopening_hours: "Mo-Fr 09:00-12:30,14:00-18:30; PH off"\nscreens:\n  vitrine: {diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}\n',
        "lundi\n",
        (
            "agencies/le-mans.yaml:1:1: must be a group of keys: agency, code, name, address, phone, timezone, opening_hours, dark_hours, …",
        ),
    ),
    (
        "le_mans",
        'agency: le-mans\ncode: lm\nname: O2 Le Mans\naddress: {street: 1 rue de la Paix, postal_code: "72000", city: Le Mans}\nphone: "+33199000001"\ntimezone: Europe/Paris\nopening_hours: "Mo-Fr 09:00-12:30,14:00-18:30; PH off"\nscreens:\n  vitrine: {diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}\n',
        "# rien\n",
        ("agencies/le-mans.yaml:1:1: is empty; delete the file or write its keys",),
    ),
    (
        "le_mans",
        'agency: le-mans\ncode: lm\nname: O2 Le Mans\naddress: {street: 1 rue de la Paix, postal_code: "72000", city: Le Mans}\nphone: "+33199000001"\ntimezone: Europe/Paris\nopening_hours: "Mo-Fr 09:00-12:30,14:00-18:30; PH off"\nscreens:\n  vitrine: {diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}\n',
        "agency: nantes\ncode: nt\nname: O2 Nantes\nscreens:\n  vitrine: {diagonal_in: 55, resolution: 3840x2160}\n  cote: {diagonal_in: 26.5, resolution: 1920x1920, orientation: square}\n",
        (
            'agencies/le-mans.yaml:1:9: agency: "nantes" is not the file\'s name; write le-mans, or rename the file to nantes.yaml',
            'agencies/le-mans.yaml:2:7: code: "nt" is already the code of agencies/nantes.yaml; choose another',
        ),
    ),
)


def problems(files: dict[str, bytes]) -> tuple[str, ...]:
    """All problems of a folder, as they are printed."""
    found = parse_source(files)
    assert isinstance(found, Broken)
    assert found.problems
    assert list(found.problems) == sorted(set(found.problems))
    return tuple(map(str, found.problems))


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"), BROKEN, ids=[f"{n:03}" for n in range(len(BROKEN))]
)
def test_says_what_is_wrong_and_where(
    file: str, old: str, new: str, expected: tuple[str, ...]
) -> None:
    assert old in TEXTS[file]
    changed = TEXTS[file].replace(old, new, 1)
    assert problems(samples.files(**{file: changed})) == expected


def test_reads_the_sample() -> None:
    source = parse_source(samples.files())
    assert isinstance(source, Source)
    assert [scene.kind for scene in source.campaign.scenes] == [
        "portrait",
        "poster",
        "figure",
        "programme",
    ]
    assert [agency.agency for agency in source.agencies] == ["le-mans", "nantes"]
    assert source.campaign.scenes[0].agencies == ("le-mans", "nantes")
    assert source.agency("nantes").screen("cote").resolution == (1920, 1920)
    assert source.agency("le-mans").address is not None


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    files = samples.files()
    marked = {name: b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n") for name, raw in files.items()}
    assert parse_source(marked) == parse_source(files)


def test_problems_of_all_files_come_together_in_order() -> None:
    files = samples.files(
        campaign=samples.CAMPAIGN_YAML.replace("weight: 2", "weight: 0").replace("mix:", "mux:"),
        nantes=samples.NANTES_YAML.replace("55", "500"),
        le_mans="- [",
    )
    assert problems(files) == (
        "agencies/le-mans.yaml:1:4: a value is missing before this place, or its text must be in quotes",
        "agencies/nantes.yaml:5:26: diagonal_in: must be at most 200",
        'campaign.yaml:4:1: unknown key "mux"; did you mean "mix"?',
        "campaign.yaml:25:13: weight: must be at least 1",
    )


def test_a_folder_needs_a_campaign_and_an_agency_and_nothing_else() -> None:
    assert problems({"notes.txt": b"", "agencies/a/b.yaml": b"", "campaign.yml": b""}) == (
        "agencies/a/b.yaml:1:1: is not part of a campaign folder; delete or rename it",
        "campaign.yaml:1:1: is missing; write the campaign into this file",
        "campaign.yaml:1:1: there is no agency; write at least one file agencies/<id>.yaml",
        "campaign.yml:1:1: is not part of a campaign folder; delete or rename it",
        "notes.txt:1:1: is not part of a campaign folder; delete or rename it",
    )
    assert problems(samples.files(campaign=None)) == (
        "campaign.yaml:1:1: is missing; write the campaign into this file",
    )


def test_a_scene_may_name_an_agency_whose_own_file_is_broken() -> None:
    assert problems(samples.files(nantes="code: nt\n")) == (
        'agencies/nantes.yaml:1:1: the key "agency" is missing; add it',
        'agencies/nantes.yaml:1:1: the key "name" is missing; add it',
        'agencies/nantes.yaml:1:1: the key "screens" is missing; add it',
    )


def test_addresses_of_two_scenes_must_differ() -> None:
    text = samples.CAMPAIGN_YAML.replace("r/{agency}/{scene}", "r/{agency}{scene}")
    text = text.replace("- id: ch1\n", "- id: 1am1\n    link: booking\n")
    ambiguous = samples.LE_MANS_YAML.replace("code: lm", "code: nt1")
    assert problems(samples.files(campaign=text, le_mans=ambiguous)) == (
        "campaign.yaml:8:17: to: https://o2.example/r/nt1am1 would stand for two scenes;"
        ' put a "/" between {agency} and {scene}',
    )
    # The same two scenes are never shown in the agencies whose codes run into them.
    apart = text.replace("- id: 1am1\n", "- id: 1am1\n    agencies: [le-mans]\n")
    assert isinstance(parse_source(samples.files(campaign=apart, le_mans=ambiguous)), Source)


@pytest.mark.parametrize(
    "to",
    [
        "https://o2.example/",
        "https://o2.example/{audience}",
        "https://o2.example/r?a={agency}&s={scene}",
        "https://o2.example/{scene}",
    ],
)
def test_good_links(to: str) -> None:
    text = samples.CAMPAIGN_YAML.replace("https://o2.example/r/{agency}/{scene}", to)
    assert isinstance(parse_source(samples.files(campaign=text)), Source)


@pytest.mark.parametrize(("length", "fits"), [(42, True), (43, False)])
def test_longest_address(length: int, fits: bool) -> None:
    to = "https://o2.example/".ljust(length, "x")
    text = samples.CAMPAIGN_YAML.replace("https://o2.example/r/{agency}/{scene}", to)
    assert isinstance(parse_source(samples.files(campaign=text)), Source) == fits


def test_no_link_at_all() -> None:
    lines = samples.CAMPAIGN_YAML.splitlines(keepends=True)
    text = "".join(line for line in lines if "{to:" not in line)
    assert problems(samples.files(campaign=text)) == (
        'campaign.yaml:19:11: link: there is no link "booking"; the links are: none',
        'campaign.yaml:29:11: link: there is no link "jobs"; the links are: none',
    )


def test_a_long_text_is_cut_in_the_message() -> None:
    text = samples.CAMPAIGN_YAML.replace("weight: 2", f"{'x' * 900}: 2")
    (problem,) = problems(samples.files(campaign=text))
    assert f'unknown key "{"x" * 59}…"; the keys here are: id,' in problem


def test_an_alias_is_checked_wherever_it_stands() -> None:
    text = samples.CAMPAIGN_YAML.replace("valid: {", "valid: &dates {", 1)
    text = text.replace("link: jobs", "valid: *dates")
    assert isinstance(parse_source(samples.files(campaign=text)), Source)
    text = text.replace("link: booking", "rights: *dates").replace(
        "    rights: {ref", "    x: {ref"
    )
    assert problems(samples.files(campaign=text)) == (
        'campaign.yaml:3:8: the key "media" is missing; add it',
        'campaign.yaml:3:8: the key "ref" is missing; add it',
        'campaign.yaml:22:5: unknown key "x"; the keys here are: id, audience, link, valid, show,'
        " agencies, weight, hold_s, illustration, focus, kind, service, first_name, role, about,"
        " quote, rights, picture",
    )


def test_a_value_that_cannot_be_read_makes_no_second_problem() -> None:
    text = samples.CAMPAIGN_YAML.replace("brand: {name: O2", "brand: !x {nam: O2, ~: 1")
    assert problems(samples.files(campaign=text)) == (
        'campaign.yaml:5:8: the tag "!x" is not used here; delete it',
        'campaign.yaml:5:21: a key is missing before the ":"',
    )


@pytest.mark.parametrize("model", [Campaign, Agency])
def test_every_form_of_the_model_has_its_words(model: type[BaseModel]) -> None:
    def patterns(schema: object) -> set[str]:
        if isinstance(schema, dict):
            own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
            return own.union(*map(patterns, schema.values()))
        return set().union(*map(patterns, schema)) if isinstance(schema, list) else set()

    assert patterns(model.model_json_schema()) <= set(_FORMS)


def test_an_error_the_model_learns_later_still_makes_a_sentence() -> None:
    class Later(BaseModel):
        address: bytes

    root = read_yaml("later.yaml", b"address: 5\n").root
    assert root is not None
    with pytest.raises(ValueError, match="bytes") as caught:
        Later.model_validate(root.value)
    (problem,) = problems_of("later.yaml", root, Later, caught.value)  # type: ignore[arg-type]
    assert problem == Problem(
        "later.yaml",
        1,
        10,
        "address: is not what belongs here; compare it with the example campaign",
    )


# Notices and job offers.

JOBS: Final = samples.JOBS_YAML
OFFER: Final = JOBS.removeprefix("offers:\n")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "until: 2026-12-24,",
            "",
            'agencies/le-mans.yaml:11:4: the key "until" is missing; add it',
        ),
        (
            "urgent",
            "urgant",
            'agencies/le-mans.yaml:11:66: priority: must be one of normal, urgent; did you mean "urgent"?',
        ),
        (
            "text: Fermée",
            f"text: {'Fermée ' * 20}",
            "agencies/le-mans.yaml:11:11: text: is 139 characters long; at most 120 fit: shorten it",
        ),
        (
            "until: 2026-12-24",
            "until: 2026-12-19",
            "agencies/le-mans.yaml:11:4: notices, item 1: until (2026-12-19) is before from (2026-12-20); swap them",
        ),
        (
            "priority: urgent",
            "agencies: [nantes]",
            'agencies/le-mans.yaml:11:56: unknown key "agencies"; the keys here are: from, until, text, priority',
        ),
    ],
)
def test_a_notice_is_checked(old: str, new: str, expected: str) -> None:
    notice = " - {text: Fermée, from: 2026-12-20, until: 2026-12-24, priority: urgent}\n"
    text = f"{samples.LE_MANS_YAML}notices:\n{notice}"
    assert isinstance(parse_source(samples.files(le_mans=text)), Source)
    assert old in text
    told = problems(samples.files(le_mans=text.replace(old, new)))
    assert told == (expected,)


def test_a_notice_and_a_blackout_of_head_office_name_real_agencies() -> None:
    text = f"""{samples.CAMPAIGN_YAML}notices:
 - {{text: Fermée, from: 2026-12-20, until: 2026-12-24, agencies: [nante]}}
blackouts:
 - {{from: 2026-12-20, until: 2026-12-24, why: EDF, agencies: [le-mans, rouen]}}
"""
    assert problems(samples.files(campaign=text)) == (
        'campaign.yaml:44:67: agencies: there is no agency "nante"; did you mean "nantes"?',
        'campaign.yaml:46:72: agencies: there is no agency "rouen"; write the file agencies/rouen.yaml',
    )


def test_offers_are_those_of_every_file_in_the_order_of_the_files() -> None:
    more = JOBS.replace("am12", "am13").replace("2026-09-01", "2026-09-02")
    source = parse_source(samples.files(jobs=JOBS, more_jobs=more))
    assert isinstance(source, Source)
    assert [offer.id for offer in source.campaign.offers] == ["am12", "am13"]
    assert [offer.id for offer in source.campaign.offers_of("nantes")] == ["am13", "am12"]
    assert source.campaign.offers_of("rouen") == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "Aide-ménager H/F",
            "Aide-ménager",
            "jobs/sarthe.yaml:3:12: title: must say that it is open to both sexes; write for example Jardinier H/F",
        ),
        (
            "employment_type: CDI",
            "employment_type: cdi",
            "jobs/sarthe.yaml:4:22: employment_type: must be one of CDI, CDD, intérim, apprentissage, stage",
        ),
        (
            "    base_salary: {min_value: 12.1, max_value: 13.4, unit_text: hour}\n",
            "",
            'jobs/sarthe.yaml:2:5: the key "base_salary" is missing; add the pay range, or write `jobs_pay: false` in campaign.yaml',
        ),
        (
            "min_value: 12.1,",
            "min_value: 14,",
            "jobs/sarthe.yaml:9:18: base_salary: max_value (13.4) is below min_value (14); swap them",
        ),
        (
            "12.1,",
            '"12,1",',
            "jobs/sarthe.yaml:9:30: min_value: must be a number; write it with a point: 12.1",
        ),
        (
            "valid_through: 2026-10-31",
            "valid_through: 2026-08-31",
            "jobs/sarthe.yaml:2:5: offers, item 1: valid_through (2026-08-31) is before date_posted (2026-09-01); swap them",
        ),
        (
            "    valid_through: 2026-10-31\n",
            "",
            'jobs/sarthe.yaml:2:5: the key "valid_through" is missing; add it',
        ),
        (
            "[le-mans, nantes]",
            "[le-mans, nante]",
            'jobs/sarthe.yaml:10:25: agencies: there is no agency "nante"; did you mean "nantes"?',
        ),
        (
            "[le-mans, nantes]",
            "[]",
            "jobs/sarthe.yaml:10:15: agencies: is empty; give at least one",
        ),
        (
            "id: am12",
            "id: am1",
            'jobs/sarthe.yaml:2:9: id: "am1" is already the id of the scene am1 of campaign.yaml; choose another',
        ),
        (
            "date_posted",
            "dated_posted",
            'jobs/sarthe.yaml:7:5: unknown key "dated_posted"; did you mean "date_posted"?',
        ),
    ],
)
def test_an_offer_is_checked(old: str, new: str, expected: str) -> None:
    assert old in JOBS
    assert problems(samples.files(jobs=JOBS.replace(old, new))) == (expected,)


def test_an_id_belongs_to_one_offer() -> None:
    twice = problems(samples.files(jobs=JOBS + OFFER, more_jobs=JOBS))
    assert twice == (
        'jobs/sarthe.yaml:11:9: id: "am12" is already the id of the offer on line 2 of jobs/sarthe.yaml; choose another',
        'jobs/zone.yaml:2:9: id: "am12" is already the id of the offer on line 2 of jobs/sarthe.yaml; choose another',
    )


def test_the_campaign_may_leave_the_pay_out() -> None:
    silent = JOBS.replace(
        "    base_salary: {min_value: 12.1, max_value: 13.4, unit_text: hour}\n", ""
    )
    campaign = samples.CAMPAIGN_YAML + "jobs_pay: false\n"
    assert isinstance(parse_source(samples.files(campaign=campaign, jobs=silent)), Source)


def test_the_address_of_every_offer_fits_its_code() -> None:
    scene = "  - {id: em, kind: jobs, link: jobs}\n"
    long = JOBS.replace("am12", "aide-menagere-au-mans-2026")
    told = problems(samples.files(campaign=samples.CAMPAIGN_YAML + scene, jobs=long))
    assert len(told) == 1
    assert told[0].startswith("campaign.yaml:9:14: to: the code's address is 50 characters")
    assert isinstance(parse_source(samples.files(jobs=long)), Source)  # no code is made of it
