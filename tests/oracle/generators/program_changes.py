"""Values in objects that are changed: by their own name, another one, a function; names that are bound again later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.program_draft import Draft

if TYPE_CHECKING:
    from tests.oracle.generators.program_draft import Module


class Changes(Draft):
    """Draws statements that change an object or bind a name again."""

    def mutated(self, module: Module, kind: str, depth: int) -> str:
        """An item of a list or dict that statements change."""
        one, two = self.value(module, kind, depth), self.value(module, kind, min(depth, 1))
        name = self.fresh("M")
        if self.pick(True, False):
            module.add(f"{name} = {{'a': {one}, 'n': {{'x': [{two}]}}}}")
            for _ in range(self.pick(1, 2)):
                module.add(
                    self.pick(
                        f"{name}['b'] = {two}",
                        f"{name}['a'] = {two}",
                        f"{name}.update(a={two})",
                        f"{name}.update([('a', {two})])",
                        f"{name}.setdefault('a', {two})",
                        f"{name}.pop('zz', None)",
                        f"{name}['n']['x'].append({one})",
                        f"{name}['n']['y'] = {two}",
                        f"{name} |= {{'c': {two}}}",
                        f"{name}.__setitem__('a', {two})",
                        f"{name}['gone'] = 1; del {name}['gone']",
                        f"{name}kept = {name}.pop('b', None)",
                    )
                )
            return str(
                self.pick(
                    f"{name}['a']",
                    f"{name}.get('a')",
                    f"{name}.get('b', {one})",
                    f"{name}['n']['x'][0]",
                    f"dict({name})['a']",
                )
            )
        module.add(f"{name} = [{one}, {two}]")
        for _ in range(self.pick(1, 2)):
            module.add(
                self.pick(
                    f"{name}.append({two})",
                    f"{name}.extend(({one},))",
                    f"{name}.insert({self.pick(0, 1, -1)}, {two})",
                    f"{name} += [{two}]",
                    f"{name}[0] = {two}",
                    f"{name}.reverse()",
                    f"{name}.append(0); {name}.pop()",
                    f"{name}[-1:] = []; {name}.append({one})",
                    f"{name} = {name} + [{one}]",
                    f"{name}.append(1); del {name}[-1]",
                    f"{name}x = [{name}.append(v) for v in (1,)]; {name}.pop()",
                )
            )
        return str(self.pick(f"{name}[0]", f"{name}[-1]", f"list({name})[0]", f"{name}[:1][0]"))

    def aliased(self, module: Module, kind: str, depth: int) -> str:
        """An item of an object that has several names."""
        one, two = self.value(module, kind, depth), self.value(module, kind, min(depth, 1))
        name, other = self.fresh("A"), self.fresh("Z")
        form = self.pick(
            "name", "copy", "function", "argument", "held", "made", "class", "default", "loop", "elsewhere", "returned"
        )
        if form == "name":
            module.add(f"{name} = {{'a': {one}}}", f"{other} = {name}", f"{other}['a'] = {two}")
        elif form == "copy":
            module.need("import copy")
            how = self.pick(
                f"{name}.copy()", f"dict({name})", f"{{**{name}}}", f"copy.deepcopy({name})", f"copy.copy({name})"
            )
            module.add(f"{name} = {{'a': {one}}}", f"{other} = {how}", f"{other}['a'] = {two}")
        elif form == "function":
            module.add(f"{name} = {{'a': {one}}}", f"def {other}():", f"    {name}['a'] = {two}")
            module.add(self.pick(f"{other}()", "pass"))
        elif form == "argument":
            module.add(f"{name} = {{'a': {one}}}", f"def {other}(d, v):", "    d['a'] = v", "    return d")
            module.add(
                self.pick(
                    f"{other}({name}, {two})",
                    f"{name} = {other}({{}}, {two})",
                    f"{name} = {other}(dict({name}), {two})",
                )
            )
        elif form == "held":
            module.add(
                f"{other} = {{'a': {one}}}",
                f"{name}h = [{other}]",
                f"{name} = {name}h[0]",
                self.pick(f"{other}['a'] = {two}", f"{name}h[0]['a'] = {two}", "pass"),
            )
        elif form == "made":
            module.add(
                f"def {other}():",
                f"    return {{'a': {one}}}",
                f"{name} = {other}()",
                f"{name}x = {other}()",
                f"{name}x['a'] = {two}",
            )
        elif form == "class":
            module.add(
                f"class {other}:",
                f"    d = {{'a': {one}}}",
                f"{self.pick(other, other + '()')}.d['a'] = {two}",
                f"{name} = {other}.d",
            )
        elif form == "default":
            module.add(
                f"def {other}(v, d={{}}):",
                "    d['a'] = v",
                "    return d",
                f"{name} = {other}({one})",
                self.pick(f"{other}({two})", "pass"),
            )
        elif form == "loop":
            module.add(f"{name} = {{'a': {one}}}", f"for {other} in ({name},):", f"    {other}['a'] = {two}")
        elif form == "elsewhere" and self.later(module):
            there = self.pick(*self.later(module))
            there.add(f"{name} = {{'a': {self.constant(kind)}}}")
            alias = self.imported(module, there, name)
            module.add(f"{alias}['a'] = {two}")
            name = alias
        else:
            module.add(f"{name} = {{'a': {one}}}", f"def {other}():", f"    return {name}", f"{other}()['a'] = {two}")
        return str(self.pick(f"{name}['a']", f"{name}.get('a')", f"dict({name})['a']"))

    def rebound(self, module: Module, kind: str, depth: int) -> str:
        """What a function or class read before a name was bound again."""
        one, two = self.value(module, kind, depth), self.value(module, kind, min(depth, 1))
        name, held = self.fresh("R"), self.fresh("H")
        form = self.pick("call", "lambda", "class", "method", "global", "again", "default", "later", "closure")
        module.add(f"{name} = {one}")
        if form == "call":
            module.add(f"def {held}f():", f"    return {name}", f"{held} = {held}f()", f"{name} = {two}")
        elif form == "lambda":
            module.add(f"{held}f = lambda: {name}", f"{name} = {two}", f"{held} = {held}f()")
        elif form == "class":
            module.add(f"class {held}c:", f"    a = {name}", f"{name} = {two}", f"{held} = {held}c.a")
        elif form == "method":
            module.add(
                f"class {held}c:",
                "    def m(self):",
                f"        return {name}",
                f"{held} = {held}c().m()",
                f"{name} = {two}",
            )
        elif form == "global":
            module.add(
                f"def {held}f():",
                f"    global {name}",
                f"    {name} = {two}",
                self.pick(f"{held}f()", "pass"),
                f"{held} = {name}",
            )
        elif form == "again":
            module.add(
                f"def {held}f():", f"    return {one}", f"{held} = {held}f()", f"def {held}f():", f"    return {two}"
            )
        elif form == "default":
            module.add(f"def {held}f(x={name}):", "    return x", f"{name} = {two}", f"{held} = {held}f()")
        elif form == "closure":
            module.add(
                f"def {held}o():",
                f"    v = {name}",
                "    def inner():",
                "        return v",
                "    r = inner()",
                f"    v = {two}",
                f"    return {self.pick('r', 'inner()')}",
                f"{held} = {held}o()",
            )
        else:
            module.add(
                f"def {held}g():",
                f"    return {held}f()",
                f"def {held}f():",
                f"    return {name}",
                f"{held} = {held}g()",
                f"{name} = {two}",
            )
        return held
