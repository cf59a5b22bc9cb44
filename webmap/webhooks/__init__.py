"""Outbound webhooks (出站通知): changes of the feed, signed, to hosts that an administrator of the machine has listed.

``hosts`` says where anything may go at all, ``send`` is the only place of the product that opens a connection to
another host, ``delivery`` decides what is sent when. Run by ``python -m webmap.webhooks PARENT`` beside the service.
"""
