"""How each notice is worded until the shop words it itself: subjects and bodies, as `templating` reads them.

`<lines>` and its like stand for parts that several bodies share; see `notice_kinds`.
"""

from __future__ import annotations

PARTS = {
    "<dear>": "Hello{% if customer %} {{ customer }}{% endif %},",
    "<lines>": """\
{% for line in lines %}
- {{ line.quantity }} x {{ line.title }}{% if line.price %}, {{ line.price }}{% endif %}\
{% if line.note %} ({{ line.note }}){% endif %}
{% endfor %}
{% if more %}
- and {{ more }} more
{% endif %}""",
    "<choices>": """\
{% for choice in alternatives %}
- {{ choice }}
{% endfor %}""",
    "<refund>": """\
{% if refund %}
We pay {{ refund }} back to you.
{% endif %}""",
    "<where>": """\
You find us here:
{{ shop }}
{{ shop_address }}
{% if shop_hours %}

We are open:
{{ shop_hours }}
{% endif %}""",
    "<regards>": """\
{% if comment %}
{{ comment }}

{% endif %}
{{ shop }}
{{ shop_contact }}""",
}

RECEIVED = """\
<dear>

Thank you for your order {{ number }} of {{ placed }}. It has reached us:

<lines>

{% if subtotal %}
Books: {{ subtotal }}
{% endif %}
{% if discount %}
Discount: {{ discount }}
{% endif %}
{% if shipping %}
Shipping: {{ shipping }}
{% endif %}
{% if tax %}
Tax: {{ tax }}
{% endif %}
{% if credit %}
Credit used: {{ credit }}
{% endif %}
Total: {{ total }}

{% if pickup %}
We write to you again as soon as it is ready to be collected. Please wait for that message before you come.
{% elif address %}
We send it to:
{{ address }}
{% endif %}

<regards>
"""

FILLABLE = """\
<dear>

We have looked through your order {{ number }}: we can fill it just as you placed it.

<lines>

{% if expected and pickup %}
It should be ready to be collected on {{ expected }}.
{% elif expected %}
It should arrive on {{ expected }}.
{% endif %}

<regards>
"""

DELAYED = """\
<dear>

{% if tracking %}
A parcel of your order {{ number }} is on its way and comes later than we told you. We are sorry.
{% else %}
Your order {{ number }} takes longer than we promised, and we are sorry.
{% endif %}
{% if reason %}
The reason: {{ reason }}
{% endif %}

{% if new_date and pickup %}
We now expect to have it ready on {{ new_date }}.
{% elif new_date and tracking %}
The carrier now expects to bring it on {{ new_date }}.
{% elif new_date %}
We now expect to send it on {{ new_date }}.
{% endif %}

<lines>

{% if tracking %}
{% if carrier %}
Carrier: {{ carrier }}
{% endif %}
Tracking number: {{ tracking }}
{% if tracking_link %}
Where it is now: {{ tracking_link }}
{% endif %}
{% else %}
If you would rather not wait, answer this message: we change or cancel the order.
{% endif %}

<regards>
"""

PROCESSING = """\
<dear>

We have begun to put your order {{ number }} together.

<lines>

<regards>
"""

READY = """\
<dear>

Your order {{ number }} is ready to be collected.

<lines>

{% if hold_until %}
We keep it for you until {{ hold_until }}.
{% endif %}
Please bring the number of the order.

<where>

<regards>
"""

REMINDER_7 = """\
<dear>

Your order {{ number }} is still waiting for you.

<lines>

{% if hold_until %}
We keep it for you until {{ hold_until }}.
{% endif %}
If you need longer, answer this message.

<where>

<regards>
"""

REMINDER_14 = """\
<dear>

Your order {{ number }} has been waiting for you for two weeks.

<lines>

{% if hold_until %}
Unless we hear from you, we put the books back on the shelf after {{ hold_until }} and cancel the order.
{% else %}
Unless we hear from you, we put the books back on the shelf and cancel the order.
{% endif %}
If you need longer, answer this message.

<where>

<regards>
"""

READY_TO_SHIP = """\
<dear>

Your order {{ number }} is packed and waits for {{ carrier or "the carrier" }}.

<lines>

{% if expected %}
It should arrive on {{ expected }}.
{% endif %}
We write again as soon as it is on its way.

<regards>
"""

SHIPPED = """\
<dear>

{% if more_to_come %}
A part of your order {{ number }} is on its way. The rest follows in another parcel.
{% else %}
Your order {{ number }} is on its way.
{% endif %}

<lines>

{% if carrier %}
Carrier: {{ carrier }}
{% endif %}
{% if tracking %}
Tracking number: {{ tracking }}
{% endif %}
{% if tracking_link %}
Where it is now: {{ tracking_link }}
{% endif %}
{% if expected %}
It should arrive on {{ expected }}.
{% endif %}

{% if address %}
It goes to:
{{ address }}
{% endif %}

<regards>
"""

DELIVERED = """\
<dear>

{% if pickup %}
Thank you for collecting your order {{ number }}.
{% else %}
Your order {{ number }} has been delivered. Thank you for buying from us.
{% endif %}

If anything is missing, damaged or wrong, answer this message and we put it right.

{% if review_link %}
We would be glad if you told others how it went:
{{ review_link }}
{% endif %}

<regards>
"""

REVIEW = """\
<dear>

We hope you enjoy what you bought from us:

<lines>

{% if review_link %}
Would you tell others what you think? It takes a minute:
{{ review_link }}
{% else %}
Would you tell us what you think? Just answer this message.
{% endif %}

<regards>
"""

OUT_OF_STOCK = """\
<dear>

We are sorry: we do not have all of your order {{ number }}. This is missing:

<lines>

{{ reason }}

{% if alternatives %}
You can choose:

<choices>

Please answer this message and tell us which you prefer.
{% else %}
Please answer this message and tell us whether you would like to wait or to have your money back.
{% endif %}
<refund>

<regards>
"""

DAMAGED = """\
<dear>

We are sorry: something of your order {{ number }} is damaged.

<lines>

{{ reason }}

{% if alternatives %}
You can choose:

<choices>

{% endif %}
Please answer this message and tell us what you prefer.
<refund>

<regards>
"""

CANCELLED = """\
<dear>

Your order {{ number }} is cancelled.
{% if reason %}
The reason: {{ reason }}
{% endif %}

<lines>

<refund>

<regards>
"""

REFUNDED = """\
<dear>

We have paid {{ refund }} back to you for your order {{ number }}.
{% if reason %}
It is for: {{ reason }}
{% endif %}

Until it shows on your statement it may take some days.

<regards>
"""

MESSAGE = """\
<dear>

<regards>
"""

RECEIPT = """\
<dear>

Thank you for your purchase. Here is your receipt {{ number }}.

{{ receipt }}

<regards>
"""

NEW_ORDER = """\
Order {{ number }}{% if source %} from {{ source }}{% endif %}, {{ placed }}
{% if customer %}
Customer: {{ customer }}
{% endif %}
{% if pickup %}To be collected{% else %}To be sent{% endif %}, {{ total }}

<lines>

{% if instructions %}
The customer asks: {{ instructions }}
{% endif %}

{% if link %}
Open the order: {{ link }}
{% endif %}
"""

DIGEST = """\
{% for order in orders %}
{{ order.number }}, {{ order.kind }}, {{ order.total }}, {{ order.customer }}
{% if order.due %}
  {{ order.due }}
{% endif %}
{% if order.link %}
  {{ order.link }}
{% endif %}
{% else %}
There were no new orders.
{% endfor %}
{% if more %}
and {{ more }} more
{% endif %}
"""
